import Foundation

/// The older form of Hyper-V's configurations: XML, mostly in UTF-16, with a type at each value.
enum HyperVText {
  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 8 << 20

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> HyperVNode {
    guard bytes.count <= longest, let text = utf8(bytes) else { throw Malformed(reason: "it is no text") }
    let root: XMLNode
    do { root = try XMLTree.parse(text) } catch { throw Malformed(reason: error.reason) }
    var node = HyperVNode()
    node.children.append(.init(name: root.name.local, node: convert(root)))
    return node
  }

  /// The same text in UTF-8 without a declaration of its encoding, which would be wrong then.
  static func utf8(_ bytes: [UInt8]) -> [UInt8]? {
    let little = bytes.starts(with: [0xff, 0xfe])
    guard little || bytes.starts(with: [0xfe, 0xff]) else { return bytes }
    let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
      little
        ? UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8 : UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }
    var text = Substring(String(decoding: units, as: UTF16.self))
    if text.hasPrefix("<?xml"), let end = text.firstRange(of: "?>") { text = text[end.upperBound...] }
    return Array(text.utf8)
  }

  private static func convert(_ xml: XMLNode) -> HyperVNode {
    guard let type = xml.attribute("type"), xml.children.isEmpty else {
      return HyperVNode(children: xml.children.map { .init(name: $0.name.local, node: convert($0)) })
    }
    let text = xml.content ?? ""
    switch type.lowercased() {
    case "integer": return HyperVNode(value: Int64(text).map { .integer($0) } ?? .other)
    case "bool", "boolean": return HyperVNode(value: .flag(text.lowercased() == "true"))
    case "string": return HyperVNode(value: .text(text))
    case "bytes":
      let bytes = text.utf8.count <= 2 * HyperVEntry.mostBytes ? Data(base64Encoded: text) : nil
      return HyperVNode(value: bytes.map { .bytes([UInt8]($0)) } ?? .other)
    default: return HyperVNode(value: .other)
    }
  }
}
