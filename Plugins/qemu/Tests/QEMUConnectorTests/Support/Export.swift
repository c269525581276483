import ConnectorProtocol
import Foundation

@testable import QEMUConnector

/// A disk that the host would offer: an image behind a read-only qemu-nbd.
final class Export: Sendable {
  let uri: String
  private let program: Program

  /// - Parameter bytesPerSecond: Makes reading slow enough to be interrupted.
  init(_ image: String, in scratch: Scratch, bytesPerSecond: Int? = nil) throws {
    let socket = scratch.file("x\(Int.random(in: 0..<1_000_000)).sock")
    let source =
      bytesPerSecond.map { rate in
        [
          "--object", "throttle-group,id=slow,x-bps-read=\(rate)", "--image-opts",
          "driver=throttle,throttle-group=slow,file.driver=raw,file.file.driver=file,file.file.filename=\(image)",
        ]
      } ?? ["--format=raw", image]
    let quiet = try Descriptor.open("/dev/null", O_RDWR)
    program = try Program.start(
      "qemu-nbd",
      ["--read-only", "--allocation-depth", "--shared=4", "--persistent", "--socket=\(socket)"] + source,
      output: quiet, error: quiet)
    uri = "nbd+unix:///?socket=\(socket)"
    for _ in 0..<200 where access(socket, F_OK) != 0 { usleep(20_000) }
  }

  deinit { program.kill() }
}

/// Images to restore.
enum Images {
  /// Sparse, with random bytes at the offsets given in MiB.
  static func make(_ path: String, size: Int64, data: [(at: Int64, count: Int64)]) throws {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT | O_TRUNC)
    guard ftruncate(file.number, off_t(size)) == 0 else { throw SystemError("truncate", path) }
    var generator = SystemRandomNumberGenerator()
    for piece in data {
      for block in 0..<piece.count {
        var words = [UInt64](repeating: 0, count: 1 << 17)
        for index in words.indices { words[index] = generator.next() }
        let offset = off_t((piece.at + block) * mebibyte)
        let put = words.withUnsafeBytes { pwrite(file.number, $0.baseAddress, $0.count, offset) }
        guard put == 1 << 20 else { throw SystemError("write", path) }
      }
    }
  }

  /// True where a guest would read the same from both.
  static func same(_ left: String, _ format: String, _ right: String, _ other: String) async throws -> Bool {
    try await tool("qemu-img", "compare", "-f", format, "-F", other, left, right).exit == .code(0)
  }

  /// The content digest of a raw image.
  static func digest(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    var digest = ContentDigest()
    for start in stride(from: 0, to: data.count, by: ContentDigest.blockBytes) {
      let block = data[start..<min(start + ContentDigest.blockBytes, data.count)]
      digest.add(leaf: block.withUnsafeBytes { ContentDigest.leaf(of: $0) })
    }
    return digest.text(sizeBytes: Int64(data.count))
  }

  static func allocated(_ path: String) -> Int64 {
    var facts = stat()
    return lstat(path, &facts) == 0 ? Int64(facts.st_blocks) * 512 : -1
  }
}
