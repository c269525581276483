import Support

/// Lets people log in on the serial port of a guest whose init does not do so by itself (systemd does, for every console
/// that the kernel is told of).
struct SerialLogin {
  let writer: GuestWriter
  /// `ttyS0`
  let port: String

  func run() throws(AscendError) {
    let path = "/etc/inittab"
    if let text = try writer.text(path) { try writer.put(path, Self.enabled(port, in: text)) }
    let terminals = "/etc/securetty"
    if let text = try writer.text(terminals), !text.split(whereSeparator: \.isNewline).contains(port[...]) {
      try writer.put(terminals, text + (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + port + "\n")
    }
  }

  /// Takes the comment sign off the line that distributions prepare for it.
  static func enabled(_ port: String, in text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func serves(_ line: String) -> Bool { line.contains(port) && line.contains("respawn") }
    if lines.contains(where: { serves($0) && !$0.hasPrefix("#") }) { return text }
    guard let index = lines.firstIndex(where: { serves($0) && $0.hasPrefix("#") }) else { return text }
    lines[index] = String(lines[index].drop { $0 == "#" || $0 == " " })
    return lines.joined(separator: "\n")
  }
}
