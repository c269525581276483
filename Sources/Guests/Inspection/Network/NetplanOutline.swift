import ConnectorProtocol

/// The interfaces of a netplan file, from the part of YAML that such files are written in: nested keys by indentation,
/// lists by dashes or in brackets, quotes and comments. Pure text; no anchor or alias is followed.
enum NetplanOutline {
  /// A value with the keys that lead to it: `["network", "ethernets", "ens3", "dhcp4"]`.
  struct Leaf: Sendable, Hashable {
    var path: [String]
    var value: String
  }

  static func interfaces(_ text: String) -> [DescribedInterface] {
    let leaves = leaves(text).filter { $0.path.count > 3 && $0.path[0] == "network" && $0.path[1] == "ethernets" }
    var ids: [String] = []
    for leaf in leaves where !ids.contains(leaf.path[2]) { ids.append(leaf.path[2]) }
    return ids.prefix(64).map { id in
      let own = leaves.filter { $0.path[2] == id }.map { Leaf(path: Array($0.path.dropFirst(3)), value: $0.value) }
      func values(_ path: String...) -> [String] { own.filter { $0.path == path }.map(\.value) }
      let addresses = values("addresses")
      let usesDHCP = values("dhcp4").last.map { ["true", "yes", "on"].contains($0.lowercased()) } ?? false
      let route = own.indices.first {
        own[$0].path == ["routes", "to"] && ["default", "0.0.0.0/0"].contains(own[$0].value)
      }
      let name = values("set-name").last
      let facts = GuestFacts.Interface(
        name: name ?? values("match", "name").last ?? id,
        method: usesDHCP ? "dhcp" : addresses.isEmpty ? "none" : "static", addresses: addresses,
        mac: values("match", "macaddress").last,
        gateway: values("gateway4").last ?? route.flatMap { _ in values("routes", "via").first },
        nameServers: values("nameservers", "addresses"), source: "netplan")
      let isMatched = own.contains { $0.path.first == "match" }
      return DescribedInterface(facts: facts, isNamed: name != nil || !isMatched, section: id)
    }
  }

  static func leaves(_ text: String) -> [Leaf] {
    var leaves: [Leaf] = []
    var stack: [(indent: Int, key: String)] = []
    for line in text.split(whereSeparator: \.isNewline).prefix(4096) {
      var rest = line.drop { $0 == " " }
      var indent = line.count - rest.count
      guard let first = rest.first, first != "#", !rest.hasPrefix("---") else { continue }
      while rest.hasPrefix("- ") || rest == "-" {
        // An item stands deeper than the key that it belongs to, even where it is written below it.
        rest = rest.dropFirst().drop { $0 == " " }
        stack.removeAll { $0.indent > indent }
        indent += 1
      }
      let isItem = indent > line.prefix { $0 == " " }.count
      stack.removeAll { $0.indent >= indent }
      guard stack.count < 16 else { return leaves }
      let path = stack.map(\.key)
      if let (key, value) = pair(rest) {
        if value.isEmpty {
          stack.append((indent, key))
        } else {
          for value in items(value) { leaves.append(Leaf(path: path + [key], value: value)) }
        }
      } else if isItem {
        for value in items(rest) { leaves.append(Leaf(path: path, value: value)) }
      }
    }
    return leaves
  }

  /// `key: value`, with an empty value where more follows below.
  private static func pair(_ line: Substring) -> (String, Substring)? {
    var end = line.startIndex
    if let quote = line.first, quote == "\"" || quote == "'" {
      guard let close = line.dropFirst().firstIndex(of: quote) else { return nil }
      end = line.index(after: close)
    }
    guard let colon = line[end...].firstIndex(where: { $0 == ":" }) else { return nil }
    let after = line.index(after: colon)
    // An address of version 6 or a hardware address is no key.
    guard after == line.endIndex || line[after] == " " else { return nil }
    return (KeyValueText.unquoted(KeyValueText.trimmed(line[..<colon])), uncommented(line[after...]))
  }

  private static func items(_ value: Substring) -> [String] {
    let value = uncommented(value)
    guard value.hasPrefix("["), value.hasSuffix("]") else { return [KeyValueText.unquoted(value)] }
    return value.dropFirst().dropLast().split(separator: ",").prefix(64).map {
      KeyValueText.unquoted(KeyValueText.trimmed($0))
    }
  }

  private static func uncommented(_ text: Substring) -> Substring {
    var text = text
    if let mark = text.firstRange(of: " #") { text = text[..<mark.lowerBound] }
    return KeyValueText.trimmed(text)
  }
}
