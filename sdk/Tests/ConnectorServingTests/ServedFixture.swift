import ConnectorProtocol
import ConnectorServing
import ConnectorTesting
import Foundation
import Synchronization

/// A disk in blocks that is made up: which blocks are stored is said, what is in them follows from their number.
final class PatternDisk: BlockSource {
  let sizeBytes: Int64
  let blockBytes: Int
  let stored: Set<Int64>
  private let state = Mutex(State())

  private struct State {
    var fetched: [Int64: Int] = [:]
    var underway = 0
    var mostUnderway = 0
    var broken: Set<Int64> = []
    var pause: Duration?
  }

  init(sizeBytes: Int64, blockBytes: Int = 512 << 10, stored: Set<Int64>) {
    self.sizeBytes = sizeBytes
    self.blockBytes = blockBytes
    self.stored = stored
  }

  /// How often each block was asked for.
  var fetched: [Int64: Int] { state.withLock { $0.fetched } }
  var mostUnderway: Int { state.withLock { $0.mostUnderway } }

  func breakBlocks(_ blocks: Set<Int64>) { state.withLock { $0.broken = blocks } }
  func slowDown(_ pause: Duration) { state.withLock { $0.pause = pause } }

  func run(from index: Int64) async throws -> BlockRun {
    let isStored = stored.contains(index)
    var end = index + 1
    while end < index + 100, stored.contains(end) == isStored { end += 1 }
    return BlockRun(count: end - index, isStored: isStored)
  }

  func block(_ index: Int64) async throws -> Data {
    let (isBroken, pause) = state.withLock { state in
      state.fetched[index, default: 0] += 1
      state.underway += 1
      state.mostUnderway = max(state.mostUnderway, state.underway)
      return (state.broken.contains(index), state.pause)
    }
    defer { state.withLock { $0.underway -= 1 } }
    if let pause { try await Task.sleep(for: pause) }
    if isBroken { throw ConnectorError(.permissionDenied, "Block \(index) may not be read.") }
    return content(index)
  }

  func content(_ index: Int64) -> Data {
    var word = UInt64(bitPattern: index &+ 1) &* 0x9e37_79b9_7f4a_7c15
    var data = Data(capacity: blockBytes)
    while data.count < blockBytes {
      word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      withUnsafeBytes(of: word) { data.append(contentsOf: $0) }
    }
    return data
  }

  /// The same disk as a sparse file.
  func write(to path: String) throws {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    defer { try? file.close() }
    for index in stored where index * Int64(blockBytes) < sizeBytes {
      try file.seek(toOffset: UInt64(index * Int64(blockBytes)))
      try file.write(contentsOf: content(index))
    }
    try file.truncate(atOffset: UInt64(sizeBytes))
  }
}

/// A disk that is served, in a folder that is gone after the test.
final class ServedFixture: Sendable {
  let source: PatternDisk
  let disk: BlockDisk
  let server: DiskServer
  let folder: String
  private let faults: Faults

  private final class Faults: Sendable {
    let all = Mutex<[String]>([])
  }

  init(_ source: PatternDisk, options: BlockDisk.Options = BlockDisk.Options()) throws {
    folder = "/tmp/serving-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    self.source = source
    disk = BlockDisk(source, options: options)
    let faults = Faults()
    self.faults = faults
    server = try DiskServer(disk, at: folder + "/d.sock") { error in
      faults.all.withLock { $0.append((error as? ConnectorError)?.message ?? "\(error)") }
    }
  }

  deinit {
    server.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var uri: String { "nbd+unix:///?socket=\(server.path)" }
  var told: [String] { faults.all.withLock { $0 } }
  func file(_ name: String) -> String { folder + "/" + name }
}

/// Runs a tool; what it prints, on both outputs, and how it ended.
func run(_ program: String, _ arguments: String...) async throws -> (text: String, code: Int32) {
  let ended = try await tool(program, arguments)
  return (ended.output + ended.error, ended.code)
}

/// Runs what blocks on a thread of its own: the server that it talks to needs those of the runtime.
func onThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
  }
}
