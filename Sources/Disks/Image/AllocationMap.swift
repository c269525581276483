import Foundation
public import Support
import Synchronization

/// How much of a disk holds data, from its metadata alone.
public enum AllocationMap {
  /// The bytes of `chain` that are stored and not zeros. Cost grows with the number of its extents, not its size;
  /// memory does not grow.
  ///
  /// - Parameter seconds: How long it may take; a crafted image could go on for days.
  /// - Throws: `disk.unreadable`, `tool.timeout`, `cancelled`.
  public static func allocatedBytes(of chain: DiskChain, within seconds: Double = 300) async throws(AscendError)
    -> Int64
  {
    let sum = Mutex(MapSum())
    let readable = try await ReadableChain(chain)
    defer { readable.remove() }
    let name = readable.chain.blockdevJSON()
    let tool = try SupervisedTool("qemu-img", ["map", "--output=json", name]) { piece in
      sum.withLock { $0.take(piece) }
    }
    let deadline = ContinuousClock.now + .seconds(seconds)
    let timer = Task {
      try await Task.sleep(until: deadline)
      tool.end()
    }
    let exit = await tool.wait()
    timer.cancel()
    guard ContinuousClock.now < deadline else {
      throw AscendError(
        "tool.timeout", "The allocation of the disk was not known within \(Int(seconds)) seconds",
        object: chain.layers.last?.path, remedy: "Restore it without knowing, or merge its layers")
    }
    if Task.isCancelled { throw AscendError("cancelled", "Cancelled while the disk was looked at") }
    guard exit.code == 0 else {
      throw AscendError(
        "disk.unreadable", "The allocation of the disk cannot be read", object: chain.layers.last?.path,
        cause: QemuMessage.reason(exit.lastErrorLine), remedy: "Take the image from another copy of the backup")
    }
    let result = sum.withLock { $0 }
    guard !result.failed else {
      throw AscendError("tool.failed", "qemu-img described the disk in an unknown way", object: chain.layers.last?.path)
    }
    return result.bytes
  }
}

/// Adds up a map while it arrives, one line an extent.
struct MapSum {
  var bytes: Int64 = 0
  var failed = false
  private var line: [UInt8] = []

  mutating func take(_ piece: [UInt8]) {
    for byte in piece {
      if byte == UInt8(ascii: "\n") {
        finish()
      } else if line.count < 4096 {
        line.append(byte)
      } else {
        failed = true
      }
      // The last entry's line may end without a line end.
      if byte == UInt8(ascii: "]") { finish() }
    }
  }

  private struct Entry: Decodable {
    var length: Int64
    var zero: Bool
    var data: Bool
  }

  private mutating func finish() {
    defer { line.removeAll(keepingCapacity: true) }
    guard let start = line.firstIndex(of: UInt8(ascii: "{")), let end = line.lastIndex(of: UInt8(ascii: "}")),
      start < end
    else { return }
    if let (length, counts) = Self.quick(line[start...end]) {
      if counts { add(length) }
      return
    }
    guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line[start...end])) else {
      failed = true
      return
    }
    if entry.data && !entry.zero { add(entry.length) }
  }

  private mutating func add(_ length: Int64) {
    let (sum, overflow) = bytes.addingReportingOverflow(length)
    if overflow || length < 0 { failed = true } else { bytes = sum }
  }

  private static let lengthKey = Array("\"length\": ".utf8)
  private static let zeroKey = Array("\"zero\": ".utf8)
  private static let dataKey = Array("\"data\": ".utf8)

  /// The tool's usual form, without the cost of a JSON decoder: a fragmented disk has millions of entries.
  private static func quick(_ line: ArraySlice<UInt8>) -> (length: Int64, counts: Bool)? {
    guard let length = after(lengthKey, line), let zero = after(zeroKey, line)?.first,
      let data = after(dataKey, line)?.first
    else { return nil }
    let digits = length.prefix { $0 >= 0x30 && $0 <= 0x39 }
    guard !digits.isEmpty, digits.count <= 18, "tf".utf8.contains(zero), "tf".utf8.contains(data) else { return nil }
    let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    return (value, data == UInt8(ascii: "t") && zero == UInt8(ascii: "f"))
  }

  private static func after(_ key: [UInt8], _ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var index = line.startIndex
    while index + key.count <= line.endIndex {
      if line[index] == key[0], line[index..<(index + key.count)].elementsEqual(key) {
        return line[(index + key.count)...]
      }
      index += 1
    }
    return nil
  }
}
