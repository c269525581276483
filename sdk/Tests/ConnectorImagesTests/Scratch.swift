import ConnectorDisk
import ConnectorTesting
import Foundation
import Testing

@testable import ConnectorImages

/// A folder that is gone after the test, with the tools of qemu.
final class Scratch {
  let path: String
  private var servers: [Process] = []

  init() throws {
    path = NSTemporaryDirectory() + "image-tests-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    for server in servers where server.isRunning { kill(server.processIdentifier, SIGKILL) }
    for server in servers { server.waitForEnd() }
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Runs a tool and gives what it prints.
  @discardableResult
  func run(_ tool: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/" + tool)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    guard process.waitForEnd() == 0 else {
      throw ToolFailure(text: ([tool] + arguments + [text]).joined(separator: " "))
    }
    return text
  }

  /// A raw image, sparse, of these bytes at these offsets.
  func raw(_ name: String = "disk.raw", size: Int64, _ parts: [(offset: Int64, bytes: [UInt8])] = []) throws -> String {
    let path = file(name)
    try Data().write(to: URL(filePath: path))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: UInt64(size))
    for part in parts {
      try handle.seek(toOffset: UInt64(part.offset))
      try handle.write(contentsOf: Data(part.bytes))
    }
    try handle.close()
    return path
  }

  /// A reader of an image, behind a server of its own.
  func reader(_ image: String, format: String = "raw", shared: Int = 8) async throws -> DiskReader {
    let socket = file("s\(servers.count)")
    let server = Process()
    server.executableURL = URL(filePath: "/usr/bin/qemu-nbd")
    server.arguments = [
      "--read-only", "--persistent", "--format=\(format)", "--shared=\(shared)", "--socket=\(socket)",
      "--pid-file=\(socket).pid", image,
    ]
    // A reader of this program's own output would wait for a server that outlives it.
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    try server.run()
    servers.append(server)
    try server.waitForNumber(in: socket + ".pid")
    return try await DiskReader.open("nbd+unix:///?socket=\(socket)")
  }

  /// What the servers have read of their images so far: what readers have asked for.
  func bytesServed() throws -> Int64 {
    try servers.reduce(0) { sum, server in
      let counts = try String(contentsOfFile: "/proc/\(server.processIdentifier)/io", encoding: .utf8)
      let line = try #require(counts.split(separator: "\n").first { $0.hasPrefix("rchar: ") })
      return sum + (Int64(line.dropFirst("rchar: ".count)) ?? 0)
    }
  }

  /// Writes the encoded image to a file.
  @discardableResult
  func write<Encoder: ImageEncoder>(_ image: EncodedImage<Encoder>, to name: String) async throws -> String {
    let path = file(name)
    try Data().write(to: URL(filePath: path))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    var end: UInt64 = 0
    for try await piece in image {
      #expect(!piece.isEmpty && piece.count <= EncodedImageLimits.largestPiece)
      end += UInt64(piece.count)
      // Holes for zeros: an image of terabytes must not fill the disk.
      if piece.withUnsafeBytes({ DiskChunk(offset: 0, bytes: $0).isZero }) {
        try handle.truncate(atOffset: end)
        try handle.seekToEnd()
      } else {
        try handle.write(contentsOf: Data(piece))
      }
    }
    try handle.close()
    return path
  }

  /// The same, with holes where the image says so.
  @discardableResult
  func write<Encoder: ImageEncoder>(holesOf image: EncodedImage<Encoder>, to name: String) async throws -> String {
    let path = file(name)
    try Data().write(to: URL(filePath: path))
    let handle = try #require(FileHandle(forWritingAtPath: path))
    for try await piece in image.pieces {
      switch piece {
      case .bytes(let bytes):
        #expect(!bytes.isEmpty && bytes.count <= EncodedImageLimits.largestPiece)
        try handle.write(contentsOf: Data(bytes))
      case .zeros(let count):
        #expect(count >= ImageOutput.leastHole)
        try handle.truncate(atOffset: try handle.offset() + UInt64(count))
        try handle.seekToEnd()
      }
    }
    try handle.close()
    return path
  }

  func size(_ path: String) throws -> Int64? {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64
  }

  func truncate(_ path: String, to size: Int64) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.truncate(atOffset: UInt64(size))
    try handle.close()
  }

  /// Compares by qemu-img: all of it, or of a huge disk 64 MiB at its start, middle and end, since between them it would
  /// look at every grain by itself.
  func expectSame(_ one: String, _ format: String, _ other: String, size: Int64) throws {
    let window: Int64 = 64 << 20
    let starts = size > Int64(1 << 30) ? [0, size / 2 / 512 * 512, size - window] : []
    let ranges = starts.isEmpty ? [0..<size] : starts.map { $0..<$0 + window }
    for range in ranges {
      let names = [(one, format), (other, "raw")].map { (path: String, format: String) in
        #"json:{"driver":"raw","offset":\#(range.lowerBound),"size":\#(range.upperBound - range.lowerBound),"#
          + #""file":{"driver":"\#(format)","file":{"driver":"file","filename":"\#(path)"}}}"#
      }
      let text = try run("qemu-img", ["compare"] + names)
      #expect(text.contains("Images are identical"))
    }
  }

  func info(_ image: String, _ format: String) throws -> [String: Any] {
    let text = try run("qemu-img", ["info", "--output=json", "-f", format, image])
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}

struct ToolFailure: Error {
  var text: String
}

/// A few MiB, one sector over, a short last grain, and sizes at which formats have their limits.
let oddSizes: [Int64] = [
  20 << 20, 64 << 20, (64 << 20) + 512, (40 << 20) + 35840, 127 << 30, (2 << 40) + (1 << 20), 4 << 40,
]

/// Bytes of different kinds, the same in each run.
enum Sample {
  /// Data in several places: not at grains' bounds, over several tables, noise, zeros that are stored, the middle of a
  /// huge disk, the last sector.
  static func parts(_ size: Int64) -> [(offset: Int64, bytes: [UInt8])] {
    var parts: [(offset: Int64, bytes: [UInt8])] = [
      (0, text(3 << 20)), (5 << 20, [UInt8](repeating: 0, count: 1 << 20)),
      ((9 << 20) + 4096, noise((2 << 20) + 12288)), ((31 << 20) + 65536, text(2 << 20, seed: 7)),
      (size / 2 + (1 << 20) + 4096, text(9000, seed: 3)), (size - 512, text(512)),
    ]
    parts.removeAll { $0.offset + Int64($0.bytes.count) > size }
    return parts
  }

  static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      for index in 0..<count {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        target[index] = UInt8(truncatingIfNeeded: state >> 32)
      }
      filled = count
    }
  }

  static func text(_ count: Int, seed: Int = 0) -> [UInt8] {
    var text: [UInt8] = []
    var line = seed
    while text.count < count {
      text += "line \(line) of a file that can be compressed\n".utf8
      line += 1
    }
    return Array(text.prefix(count))
  }
}
