import AWSTestSupport
import Foundation

/// A disk that the host would offer: a raw image behind a read-only qemu-nbd.
final class Export: Sendable {
  let uri: String
  private let process = Process()

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
    process.executableURL = URL(filePath: "/usr/bin/qemu-nbd")
    process.arguments =
      ["--read-only", "--allocation-depth", "--shared=8", "--persistent", "--socket=\(socket)"] + source
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    uri = "nbd+unix:///?socket=\(socket)"
    for _ in 0..<400 where access(socket, F_OK) != 0 { usleep(20_000) }
  }

  deinit { end() }

  func end() { if process.isRunning { process.terminate() } }
}

/// Raw disks to restore.
enum Images {
  static let mebibyte: Int64 = 1 << 20

  /// Sparse, with random bytes at the offsets given in MiB.
  static func make(_ path: String, size: Int64, data: [(at: Int64, count: Int64)]) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    try file.truncate(atOffset: UInt64(size))
    var generator = SystemRandomNumberGenerator()
    for piece in data {
      try file.seek(toOffset: UInt64(piece.at * mebibyte))
      for _ in 0..<piece.count {
        var words = [UInt64](repeating: 0, count: 1 << 17)
        for index in words.indices { words[index] = generator.next() }
        try file.write(contentsOf: words.withUnsafeBytes { Data($0) })
      }
    }
  }
}
