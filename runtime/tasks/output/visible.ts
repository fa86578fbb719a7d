export { visible } from '../../core/visible.ts'
