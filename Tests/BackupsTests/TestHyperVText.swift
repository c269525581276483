import Foundation

/// Writes the older, textual form of Hyper-V's configurations.
enum TestHyperVText {
  static func text(_ root: [(String, TestVMCX.Value)]) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-16\" standalone=\"yes\"?>" + elements(root)
  }

  /// UTF-16 with its mark, low byte first.
  static func bytes(_ root: [(String, TestVMCX.Value)]) -> [UInt8] { utf16(text(root)) }

  static func utf16(_ text: String) -> [UInt8] {
    [0xff, 0xfe] + text.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
  }

  private static func elements(_ children: [(String, TestVMCX.Value)]) -> String {
    children.map { name, value in
      switch value {
      case .text(let text): "<\(name) type=\"string\">\(text)</\(name)>"
      case .integer(let number): "<\(name) type=\"integer\">\(number)</\(name)>"
      case .unsigned(let number): "<\(name) type=\"integer\">\(number)</\(name)>"
      case .flag(let flag): "<\(name) type=\"bool\">\(flag ? "True" : "False")</\(name)>"
      case .bytes(let bytes): "<\(name) type=\"bytes\">\(Data(bytes).base64EncodedString())</\(name)>"
      case .double: "<\(name) type=\"bytes\">AQID</\(name)>"
      case .node(let children): "<\(name)>\(elements(children))</\(name)>"
      }
    }.joined()
  }
}
