import Foundation

/// A picture in a PNG file.
enum Picture {
  private static let magic: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Its size in pixels, or nil where the file is no whole PNG.
  static func size(_ path: String) throws -> (width: Int, height: Int)? {
    let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
    let head = Array(try file.read(from: 0, limit: 24))
    guard head.count == 24, head.starts(with: magic), Array(head[12..<16]) == Array("IHDR".utf8) else { return nil }
    let length = Int64(try file.status(path).st_size)
    let tail = try file.read(from: max(0, length - 12), limit: 12)
    guard tail.range(of: Data("IEND".utf8)) != nil else { return nil }
    func number(_ at: Int) -> Int { head[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(16), number(20))
    return width > 0 && height > 0 ? (width, height) : nil
  }
}
