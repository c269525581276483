import Foundation

/// Answers a booting guest that asks for the passphrases of its disks, on the serial port where it asks.
///
/// Whose question it is cannot be told: each passphrase is tried at each question, in the order in which they were given.
struct PassphraseTyping {
  /// Nobody types more.
  static let longest = 512

  private let passphrases: [[UInt8]]
  /// What must not be seen: the longest first, also without the spaces around it, which texts lose.
  private let secrets: [Data]
  /// The next to try, by what was asked.
  private var next: [String: Int] = [:]

  init(_ keys: [DiskKey]) {
    var kept: [[UInt8]] = []
    for passphrase in keys.flatMap(\.passphrases) where Self.canBeTyped(passphrase) && !kept.contains(passphrase) {
      kept.append(passphrase)
    }
    passphrases = kept
    let bare = kept.map { Array($0.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()) }
    secrets = Set(kept + bare).filter { !$0.isEmpty }.map { Data($0) }.sorted { $0.count > $1.count }
  }

  /// Not the bytes of a key file: a terminal takes control characters as commands.
  private static func canBeTyped(_ passphrase: [UInt8]) -> Bool {
    passphrase.count <= longest && passphrase.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  var isEmpty: Bool { passphrases.isEmpty }

  /// What is to be typed, with the key that ends it; nil where everything was tried.
  mutating func answer(to question: String) -> [UInt8]? {
    let place = next[question, default: 0]
    guard place < passphrases.count else { return nil }
    next[question] = place + 1
    return passphrases[place] + [0x0d]
  }

  /// Without what was typed: a guest may show it.
  func hiding(_ text: String) -> String {
    secrets.isEmpty ? text : String(decoding: hiding(Data(text.utf8)), as: UTF8.self)
  }

  func hiding(_ log: Data) -> Data {
    secrets.reduce(log) { $0.replacing($1, with: Data("[passphrase]".utf8)) }
  }
}
