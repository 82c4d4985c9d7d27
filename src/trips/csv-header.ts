/** The names in a header line: quotes removed, trimmed. */
export function splitHeader(line: string): string[] {
  const names: string[] = []
  let name = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const char = line[i]
    if (quoted) {
      if (char !== '"') name += char
      else if (line[i + 1] === '"') name += line[i++]
      else quoted = false
    } else if (char === '"' && name.trim() === '') {
      quoted = true
      name = ''
    } else if (char === ',') {
      names.push(name.trim())
      name = ''
    } else name += char
  }
  names.push(name.trim())
  return names
}
