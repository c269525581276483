import ConnectorDisk

/// Leaves the zeros out of a chunk whose other bytes go into an image as they are. Its parts are the runs of data:
/// `index` is where a run belongs on the disk, in bytes.
public struct RunPacker: ChunkPacker {
  /// Zeros are left out in steps of so many bytes.
  static let step = 64 << 10

  init() {}

  public mutating func pack(_ bytes: [UInt8], at offset: Int64) throws -> PackedChunk {
    let runs = Self.runs(bytes)
    var parts: [PackedChunk.Part] = []
    var packed: [UInt8] = []
    if runs.count == 1, runs[0].count == bytes.count {
      packed = bytes
      parts = [PackedChunk.Part(index: offset, start: 0)]
    } else {
      packed.reserveCapacity(runs.reduce(0) { $0 + $1.count })
      for run in runs {
        parts.append(PackedChunk.Part(index: offset + Int64(run.lowerBound), start: packed.count))
        packed += bytes[run]
      }
    }
    return PackedChunk(offset: offset, length: bytes.count, bytes: packed, parts: parts)
  }

  /// The runs of steps that hold data.
  private static func runs(_ bytes: [UInt8]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    bytes.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: step) {
        let end = min(start + step, bytes.count)
        guard !DiskChunk.isZero(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) else { continue }
        if let last = runs.last, last.upperBound == start {
          runs[runs.count - 1] = last.lowerBound..<end
        } else {
          runs.append(start..<end)
        }
      }
    }
    return runs
  }
}

extension PackedChunk {
  /// The bytes of each part of a chunk that a `RunPacker` has packed.
  func forEachRun(_ body: (_ offset: Int64, _ bytes: [UInt8]) throws -> Void) rethrows {
    guard parts.count != 1 else { return try body(parts[0].index, bytes) }
    for (number, part) in parts.enumerated() {
      let end = number + 1 < parts.count ? parts[number + 1].start : bytes.count
      try body(part.index, Array(bytes[part.start..<end]))
    }
  }
}
