public import Foundation

/// XML of others, before a parser sees it: what could do harm there is refused, or taken out.
///
/// `XMLParser` acts on document types (entities can name files and grow without end), and on Linux a processing
/// instruction without data (`<?x?>`) ends the process: it gives its delegate a null pointer.
public enum XMLInput {
  public struct Refused: Error, Hashable, Sendable {
    /// `it is not UTF-8 text`
    public var reason: String
  }

  /// The same document without its processing instructions; the XML declaration stays.
  ///
  /// Only UTF-8 is let in, so that nothing can hide in another encoding.
  ///
  /// - Throws: `Refused` for another encoding and for a document type declaration.
  public static func checked(_ data: Data) throws(Refused) -> Data {
    var bytes = [UInt8](data)
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw Refused(reason: "it is not UTF-8 text")
    }
    let declaration = declaration(bytes)
    let words = String(decoding: bytes[declaration], as: UTF8.self).lowercased()
    if words.contains("encoding"), !words.contains("utf-8"), !words.contains("ascii") {
      throw Refused(reason: "it claims an encoding other than UTF-8")
    }
    guard bytes.withUnsafeMutableBufferPointer({ clean($0, from: declaration.upperBound) }) else {
      throw Refused(reason: "it has a document type declaration, which can hold entities")
    }
    return Data(bytes)
  }

  /// The text `<?xml … ?>` at the very beginning, behind a byte order mark; empty where there is none.
  private static func declaration(_ bytes: [UInt8]) -> Range<Int> {
    let start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    guard bytes[start...].starts(with: Array("<?xml".utf8)), let after = bytes[start...].dropFirst(5).first,
      [0x20, 0x09, 0x0a, 0x0d].contains(after)
    else { return start..<start }
    let rest = bytes[start...]
    guard let end = rest.indices.dropLast().first(where: { rest[$0] == 0x3f && rest[$0 + 1] == 0x3e }) else {
      return start..<start
    }
    return start..<end + 2
  }

  /// Makes blanks of processing instructions, so that lines keep their numbers; of what looks like one within a comment
  /// or a CDATA section too.
  ///
  /// - Returns: False where there is a document type declaration.
  private static func clean(_ bytes: UnsafeMutableBufferPointer<UInt8>, from start: Int) -> Bool {
    let forbidden = [Array("<!doctype".utf8), Array("<!entity".utf8)]
    var index = start
    var mayEnd = true
    while index + 1 < bytes.count {
      guard bytes[index] == UInt8(ascii: "<") else {
        index += 1
        continue
      }
      if bytes[index + 1] == UInt8(ascii: "!") {
        let rest = bytes[index...]
        for word in forbidden
        where rest.prefix(word.count).elementsEqual(word, by: { $0 == $1 || $0 | 0x20 == $1 }) {
          return false
        }
      } else if bytes[index + 1] == UInt8(ascii: "?"), mayEnd {
        var end = index + 2
        while end + 1 < bytes.count, bytes[end] != UInt8(ascii: "?") || bytes[end + 1] != UInt8(ascii: ">") { end += 1 }
        // One that never ends is left to the parser, which complains; nor does any that comes after it.
        mayEnd = end + 1 < bytes.count
        guard mayEnd else { continue }
        for place in index..<end + 2 where bytes[place] != 0x0a { bytes[place] = 0x20 }
        index = end + 1
      }
      index += 1
    }
    return true
  }
}
