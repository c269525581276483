/// Default routes in the files that SUSE and Red Hat keep them in beside the interfaces' own. Pure text.
enum RouteText {
  /// A table of routes without the default routes of one interface: `default 192.0.2.1 - eth0` (SUSE),
  /// `default via 192.0.2.1 dev eth0` (Red Hat). Other routes and comments stay.
  ///
  /// - Parameters:
  ///   - isOwn: The file is the interface's own: a route that names no interface is one of its.
  ///   - kept: Addresses with their prefixes of interfaces that keep them: a gateway in one of their networks stays.
  static func withoutDefault(_ text: String, of name: String?, isOwn: Bool, kept: [String] = []) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lines.removeAll { line in
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard isDefault(words) else { return false }
      if let device = device(words) { return device == name }
      return isOwn || !(gateway(words).map { gateway in kept.contains { holds($0, gateway) } } ?? false)
    }
    let numbers = lines.compactMap { $0.wholeMatch(of: /\s*ADDRESS([0-9]+)=["']?0\.0\.0\.0["']?\s*/)?.output.1 }
    guard isOwn, !numbers.isEmpty else { return lines.joined(separator: "\n") }
    // Red Hat's old way of writing them.
    var settings = ShellSettings(lines.joined(separator: "\n"))
    let doomed = Set(numbers.flatMap { ["ADDRESS\($0)", "NETMASK\($0)", "GATEWAY\($0)"] })
    settings.remove(where: doomed.contains)
    return settings.text
  }

  /// `/etc/sysconfig/network` of Red Hat 6 and before, where one gateway is set for all interfaces.
  static func withoutGateway(_ text: String, of name: String?, kept: [String]) -> String {
    var settings = ShellSettings(text)
    if let device = settings["GATEWAYDEV"], !device.isEmpty, device != name { return text }
    if let gateway = settings["GATEWAY"], kept.contains(where: { holds($0, gateway) }) { return text }
    settings.remove { ["GATEWAY", "GATEWAYDEV", "IPV6_DEFAULTGW", "IPV6_DEFAULTDEV"].contains($0) }
    return settings.text
  }

  /// Whether nothing but comments is left.
  static func isEmpty(_ text: String) -> Bool {
    text.split(whereSeparator: \.isNewline).allSatisfy { $0.trimmed.isEmpty || $0.trimmed.hasPrefix("#") }
  }

  private static func isDefault(_ words: [String]) -> Bool {
    guard let first = words.first else { return false }
    return ["default", "0.0.0.0/0", "0/0", "::/0"].contains(first)
      || (first == "0.0.0.0" && words.count > 2 && words[2] == "0.0.0.0")
  }

  private static func device(_ words: [String]) -> String? {
    if let place = words.firstIndex(of: "dev") { return words.indices.contains(place + 1) ? words[place + 1] : nil }
    guard words.count > 3, words[1] != "via", words[3] != "-" else { return nil }
    return words[3]
  }

  private static func gateway(_ words: [String]) -> String? {
    if let place = words.firstIndex(of: "via") { return words.indices.contains(place + 1) ? words[place + 1] : nil }
    return words.count > 1 ? words[1] : nil
  }

  /// Whether an address is in the network of another one that has a prefix; of IPv4 alone.
  private static func holds(_ network: String, _ address: String) -> Bool {
    let halves = network.split(separator: "/")
    guard halves.count == 2, let length = Int(halves[1]), (1...32).contains(length),
      let left = number(halves[0]), let right = number(address[...])
    else { return false }
    return left >> (32 - UInt32(length)) == right >> (32 - UInt32(length))
  }

  private static func number(_ address: Substring) -> UInt32? {
    let bytes = address.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
    return bytes.count == 4 ? bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : nil
  }
}
