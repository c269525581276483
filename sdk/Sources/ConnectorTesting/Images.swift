import ConnectorProtocol
import Foundation

/// Disks to restore, and what became of them.
public enum Images {
  public static let mebibyte: Int64 = 1 << 20

  /// Makes a raw disk: sparse, with random bytes at the offsets given in MiB.
  ///
  /// - Parameter size: In bytes.
  public static func make(_ path: String, size: Int64, data: [(at: Int64, count: Int64)]) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    try file.truncate(atOffset: UInt64(size))
    // The kernel makes them many times faster than a loop here, which would keep a thread from other tests.
    let noise = try FileHandle(forReadingFrom: URL(filePath: "/dev/urandom"))
    defer { try? noise.close() }
    for piece in data {
      try file.seek(toOffset: UInt64(piece.at * mebibyte))
      for _ in 0..<piece.count { try file.write(contentsOf: noise.read(upToCount: Int(mebibyte)) ?? Data()) }
    }
  }

  /// The content digest of a raw image; nil where there is none.
  public static func digest(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    var digest = ContentDigest()
    for start in stride(from: 0, to: data.count, by: ContentDigest.blockBytes) {
      let block = data[start..<min(start + ContentDigest.blockBytes, data.count)]
      digest.add(leaf: block.withUnsafeBytes { ContentDigest.leaf(of: $0) })
    }
    return digest.text(sizeBytes: Int64(data.count))
  }

  /// True where a guest would read the same from a raw image and from one of a format that qemu-img names.
  public static func same(_ raw: String, _ image: String, format: String) async throws -> Bool {
    try await tool("qemu-img", ["compare", "-f", "raw", "-F", format, raw, image]).code == 0
  }
}
