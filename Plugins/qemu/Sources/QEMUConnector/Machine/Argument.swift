/// One argument of QEMU's command line, in which the machine's folder is left open: the folder may be moved.
struct Argument: Hashable, Sendable, ExpressibleByStringLiteral {
  enum Piece: Hashable, Sendable {
    case text(String)
    /// The folder's path as it is.
    case folder
    /// The folder's path as part of an option list, where QEMU reads a comma as the end of a member.
    case folderInOption
  }

  var pieces: [Piece]

  init(_ pieces: Piece...) { self.pieces = pieces }
  init(stringLiteral value: String) { pieces = [.text(value)] }

  static func text(_ text: String) -> Argument { Argument(.text(text)) }

  /// An option list in which the values are escaped: `disk` and `["file": "a,b"]` give `disk,file=a,,b`.
  static func option(_ head: String?, _ members: [(String, String)]) -> Argument {
    text(([head].compactMap { $0 } + members.map { "\($0)=\(escape($1))" }).joined(separator: ","))
  }

  /// The same with a member that holds the path of a file in the machine's folder.
  static func option(_ members: [(String, String)], file: (String, String)) -> Argument {
    let rest = members.map { ",\($0)=\(escape($1))" }.joined()
    return Argument(.text("\(file.0)="), .folderInOption, .text("/" + escape(file.1) + rest))
  }

  /// QEMU reads two commas as one that belongs to the value.
  static func escape(_ value: String) -> String {
    value.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
  }

  /// What QEMU gets when the machine lies in `folder`.
  func resolved(in folder: String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .folder: folder
      case .folderInOption: Self.escape(folder)
      }
    }.joined()
  }

  /// The same as a word of a shell script that has the folder in `here` and, with commas doubled, in `option`.
  var shellWord: String {
    pieces.map { piece in
      switch piece {
      case .text(let text): Self.quote(text)
      case .folder: "\"$here\""
      case .folderInOption: "\"$option\""
      }
    }.joined()
  }

  /// `text` as one word of a shell, whatever it holds.
  static func quote(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    if plain && !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
