export async function provideDeno(_s: string, _h: unknown): Promise<() => void> {
  return () => {}
}
