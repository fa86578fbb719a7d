# Completion for PowerShell 7: tasks, commands, flags and choices, where a command line names tasks.ts or wfg.
#
#   npx tsx tasks.ts completion pwsh >> $PROFILE
#
# It serves every folder that has a tasks.ts: `npx tsx tasks.ts`, `tsx tasks.ts` and `wfg`. PowerShell keeps one completer
# a command, so this replaces one that you have for npx or tsx, and leaves node and deno alone; a line of npx or tsx without
# tasks.ts completes files. Pressing Tab runs that tasks.ts, and for flags imports the script; it never runs npx, which
# could install something, nor what other users may have written.

Register-ArgumentCompleter -Native -CommandName npx, tsx, wfg -ScriptBlock {
  param($current, $commandAst, $cursor)

  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object {
      if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.ToString() }
    })
  $entry = -1
  for ($index = 0; $index -lt $words.Count -and $entry -lt 0; $index++) {
    $name = $words[$index] -replace '^.*[\\/]', ''
    if ($name -in 'tasks.ts', 'wfg.mjs' -or ($name -eq 'wfg' -and $index -lt 2)) { $entry = $index }
  }
  if ($entry -lt 0) { return }

  $call = @($words[0..$entry])
  $file = $call[-1]
  $folder = Split-Path $file
  if (-not $folder) { $folder = '.' }
  if ($call[0] -match '(^|[\\/])npx(\.\w+)?$') {
    $call = @(if ($file -eq 'wfg') { 'wfg' } else { 'tsx', $file })
    $program = if ($IsWindows) { "$($call[0]).cmd" } else { $call[0] }
    $found = @('.', $folder) | ForEach-Object { Join-Path $_ "node_modules/.bin/$program" } | Where-Object { Test-Path $_ }
    if (-not $found) { return }
    $call[0] = @($found)[0]
  }
  if (-not $IsWindows) {
    sh -c 'IS_TRUSTED' sh . node_modules $folder "$folder/node_modules" "$folder/package.json" $file $call[0]
    if ($LASTEXITCODE -ne 0) { return }
  }
  $asked = @($words | Select-Object -Skip ($entry + 1)) + $current | ForEach-Object { "--word=$_" }
  $options = @($call | Select-Object -Skip 1) + 'completion' + @($asked)

  & $call[0] @options 2>$null | ForEach-Object {
    $word, $description = $_ -split "`t", 2
    if ($word -and $word.StartsWith($current)) {
      if (-not $description) { $description = $word }
      $text = if ($word -match "[\s'`"]") { "'" + $word.Replace("'", "''") + "'" } else { $word }
      [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $description)
    }
  }
}
