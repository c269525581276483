import Foundation

/// What stands on a screen in the text mode of a PC: firmware, boot loaders, and systems that have no picture yet.
struct TextScreen: Sendable, Hashable {
  /// Where that text lies in the machine's memory, and how much there is of it.
  static let address: Int64 = 0xb8000
  static let bytes = 32 << 10
  private static let columns = 80

  /// Lines that hold something, from the top of the memory; some may have been scrolled out of sight.
  let lines: [String]

  /// - Parameter memory: A character and its colours in turn, row by row.
  init(_ memory: Data) {
    let cells = [UInt8](memory.prefix(Self.bytes))
    lines = stride(from: 0, to: cells.count, by: Self.columns * 2).compactMap { start -> String? in
      let row = stride(from: start, to: min(start + Self.columns * 2, cells.count), by: 2).map { place -> UInt8 in
        (0x20..<0x7f).contains(cells[place]) ? cells[place] : 0x20
      }
      let text = String(decoding: row, as: UTF8.self).trimmingCharacters(in: .whitespaces)
      return text.isEmpty ? nil : text
    }
  }

  /// What the text says about the boot: that it is up, else the last complaint.
  var finding: SerialTranscript.Finding? {
    let findings = lines.compactMap(SerialTranscript.finding)
    return findings.first { if case .up = $0 { true } else { false } } ?? findings.last
  }
}
