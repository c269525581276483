import Foundation

/// A picture of a machine's screen, as QEMU writes it: a binary portable pixmap (`P6`).
struct ScreenPicture: Sendable {
  var width: Int
  var height: Int
  /// Equal for equal pictures, within this process.
  var digest: Int
  /// Colours that take up at least one part in 64, at most four of them, the largest first.
  var colours: [(red: UInt8, green: UInt8, blue: UInt8, share: Double)]
  let sample: ScreenSample
  var marks = ScreenMarks()

  private static let largest = 64 << 20

  /// Nil for what is no whole picture.
  init?(_ data: Data) {
    guard data.count < Self.largest, let (fields, start) = Self.header(data) else { return nil }
    width = fields[0]
    height = fields[1]
    guard fields[2] == 255, width > 0, height > 0, width <= 16384, height <= 16384,
      data.count - start >= width * height * 3
    else { return nil }
    var hasher = Hasher()
    data.withUnsafeBytes { hasher.combine(bytes: $0) }
    digest = hasher.finalize()
    colours = Self.colours(data, from: start, count: width * height)
    sample = data.withUnsafeBytes {
      ScreenSample(UnsafeRawBufferPointer(rebasing: $0[start...]), width: fields[0], height: fields[1])
    }
    if let main = colours.first { marks = ScreenMarks(sample, on: (main.red, main.green, main.blue)) }
  }

  /// The mode of a PC that has no pictures: 80 columns of 25 letters.
  var isTextMode: Bool { [(720, 400), (640, 400), (720, 350)].contains { $0 == (width, height) } }

  private static func header(_ data: Data) -> ([Int], Int)? {
    var fields: [Int] = []
    var index = data.startIndex + 2
    guard data.count > 16, data[data.startIndex] == UInt8(ascii: "P"), data[data.startIndex + 1] == UInt8(ascii: "6")
    else { return nil }
    while fields.count < 3, index < min(data.endIndex, data.startIndex + 64) {
      let digits = data[index...].prefix { (0x30...0x39).contains($0) }
      if digits.isEmpty {
        index += 1
        continue
      }
      guard let number = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      fields.append(number)
      index = digits.endIndex
    }
    return fields.count == 3 ? (fields, index + 1 - data.startIndex) : nil
  }

  /// From a sample of the points: every 37th.
  private static func colours(
    _ data: Data, from start: Int, count: Int
  ) -> [(red: UInt8, green: UInt8, blue: UInt8, share: Double)] {
    var counts: [Int: Int] = [:]
    var total = 0
    data.withUnsafeBytes { bytes in
      for point in stride(from: 0, to: count, by: 37) {
        let at = start + point * 3
        counts[Int(bytes[at]) << 16 | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]), default: 0] += 1
        total += 1
      }
    }
    return counts.filter { $0.value * 64 >= total }.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.prefix(4).map {
      (
        UInt8(truncatingIfNeeded: $0.key >> 16), UInt8(truncatingIfNeeded: $0.key >> 8),
        UInt8(truncatingIfNeeded: $0.key), Double($0.value) / Double(max(1, total))
      )
    }
  }
}
