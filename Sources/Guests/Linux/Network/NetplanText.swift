/// The part of a netplan file (YAML) that describes Ethernet interfaces, edited by its lines.
///
/// Netplan's files are written by installers and cloud-init in block style, two or more spaces a level; an interface
/// written in another style (`{…}`) is not seen.
struct NetplanText {
  private var lines: [String]

  init(_ text: String) { lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

  var text: String { lines.joined(separator: "\n") }

  /// Replaces what an interface says about addresses; nil where there is no such interface.
  mutating func setAddressing(of key: String, _ addressing: NetworkWish.Addressing) -> Bool {
    guard let section = sections.first(where: { $0.key == key }) else { return false }
    let keys: Set<String> = ["addresses", "gateway4", "gateway6", "routes", "nameservers", "dhcp4", "dhcp6"]
    var kept: [String] = []
    var skipping = false
    for line in lines[section.body] {
      let indent = Self.indent(line)
      // The items of a list may stand as far out as its key.
      if !line.trimmedAll.isEmpty, indent == section.inner, !line.trimmedAll.hasPrefix("-") {
        skipping = keys.contains(String(line.trimmedAll.prefix { $0 != ":" }))
      }
      if !skipping { kept.append(line) }
    }
    let pad = String(repeating: " ", count: section.inner)
    let new: [String]
    switch addressing {
    case .keep: return true
    case .dhcp: new = ["dhcp4: true"]
    case .fixed(let addresses, let gateway, let servers):
      // In flow style: no indentation to guess.
      new =
        ["dhcp4: false", "addresses: [\(addresses.joined(separator: ", "))]"]
        + (gateway.map { ["routes: [{to: \($0.contains(":") ? "\"::/0\"" : "0.0.0.0/0"), via: \"\($0)\"}]"] } ?? [])
        + (servers.isEmpty
          ? [] : ["nameservers: {addresses: [\(servers.map { "\"\($0)\"" }.joined(separator: ", "))]}"])
    }
    lines.replaceSubrange(section.body, with: new.map { pad + $0 } + kept)
    return true
  }

  /// Ties an interface to no hardware address any more, but to the names of cards.
  ///
  /// - Parameters:
  ///   - pattern: Of the names; nil for the one that the interface had, and where that is not known nothing changes.
  ///   - keepsName: It is still renamed: there is only one card that can match.
  mutating func looseMatch(_ mac: String, pattern: String?, keepsName: Bool) {
    let found = lines.indices.first { index in
      lines[index].trimmedAll.hasPrefix("macaddress:")
        && NetworkWish.normalised(Self.scalar(lines[index], after: "macaddress")) == mac
    }
    guard let index = found else { return }
    let section = sections.first { $0.body.contains(index) }
    let naming = section?.body.first { lines[$0].trimmedAll.hasPrefix("set-name:") }
    let old = naming.map { Self.scalar(lines[$0], after: "set-name") } ?? section?.key
    guard let name = pattern ?? old.flatMap({ NetworkReading.isCard($0) ? $0 : nil }) else { return }
    lines[index] = String(repeating: " ", count: Self.indent(lines[index])) + "name: \"\(name)\""
    if !keepsName, let naming { lines.remove(at: naming) }
  }

  private struct Section {
    var key: String
    var body: Range<Int>
    /// Spaces before the keys of its body.
    var inner: Int
  }

  private var sections: [Section] {
    guard let start = lines.firstIndex(where: { $0.trimmedAll == "ethernets:" }) else { return [] }
    let level = Self.indent(lines[start])
    var found: [Section] = []
    var index = start + 1
    var own: Int?
    while index < lines.count {
      let line = lines[index]
      defer { index += 1 }
      if Self.isEmpty(line) { continue }
      let indent = Self.indent(line)
      if indent <= level { break }
      if own == nil { own = indent }
      if indent == own, line.trimmedAll.hasSuffix(":") {
        let key = line.trimmedAll.dropLast().filter { $0 != "\"" && $0 != "'" }
        found.append(Section(key: String(key), body: (index + 1)..<(index + 1), inner: indent + 2))
      } else if let last = found.indices.last, indent > own ?? 0 {
        if found[last].body.isEmpty { found[last].inner = indent }
        found[last].body = found[last].body.lowerBound..<(index + 1)
      }
    }
    return found
  }

  private static func isEmpty(_ line: String) -> Bool { line.trimmedAll.isEmpty || line.trimmedAll.hasPrefix("#") }

  private static func indent(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  private static func scalar(_ line: String, after key: String) -> String {
    line.trimmedAll.dropFirst(key.count + 1).filter { $0 != "\"" && $0 != "'" }.trimmed
  }
}
