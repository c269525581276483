import CDeflate
import ConnectorDisk
import ConnectorProtocol

/// Compresses the grains of a chunk, each into its record: where it belongs, how long it is, its bytes, and zeros up to
/// a sector's end.
public struct GrainPacker: ChunkPacker {
  private static let headerBytes = 12
  private static let grainBytes = StreamOptimizedEncoder.grainBytes
  /// A grain that cannot be compressed is stored in blocks, with a few bytes for each.
  static let largestRecord = Int(Sector.roundUp(Int64(headerBytes + grainBytes + 1024)))

  private let compressor: Compressor

  init(level: Int) {
    compressor = Compressor(level: level)
  }

  public mutating func pack(_ bytes: [UInt8], at offset: Int64) throws -> PackedChunk {
    let grains = (bytes.count + Self.grainBytes - 1) / Self.grainBytes
    var parts: [PackedChunk.Part] = []
    let records = try [UInt8](unsafeUninitializedCapacity: grains * Self.largestRecord) { records, count in
      try bytes.withUnsafeBytes { source in
        for number in 0..<grains {
          let end = min((number + 1) * Self.grainBytes, source.count)
          let grain = UnsafeRawBufferPointer(rebasing: source[number * Self.grainBytes..<end])
          guard !DiskChunk.isZero(grain) else { continue }
          let index = offset / Int64(Self.grainBytes) + Int64(number)
          parts.append(PackedChunk.Part(index: index, start: count))
          let room = UnsafeMutableRawBufferPointer(records)[count...]
          count += try record(grain, index, UnsafeMutableRawBufferPointer(rebasing: room))
        }
      }
    }
    return PackedChunk(offset: offset, length: bytes.count, bytes: records, parts: parts)
  }

  /// Writes a grain's record; the number of its bytes.
  private func record(
    _ grain: UnsafeRawBufferPointer, _ index: Int64, _ room: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    let target = UnsafeMutableRawBufferPointer(rebasing: room[Self.headerBytes...])
    let length: Int
    if grain.count == Self.grainBytes {
      length = try compressor.compress(grain, into: target)
    } else {
      // The last grain of the disk is as long as the others.
      let whole = Array(grain) + [UInt8](repeating: 0, count: Self.grainBytes - grain.count)
      length = try whole.withUnsafeBytes { try compressor.compress($0, into: target) }
    }
    let sector = index * Int64(Self.grainBytes / Sector.bytes)
    room.storeBytes(of: UInt64(sector).littleEndian, as: UInt64.self)
    room.storeBytes(of: UInt32(length).littleEndian, toByteOffset: 8, as: UInt32.self)
    let end = Int(Sector.roundUp(Int64(Self.headerBytes + length)))
    let padding = UnsafeMutableRawBufferPointer(rebasing: room[(Self.headerBytes + length)..<end])
    padding.initializeMemory(as: UInt8.self, repeating: 0)
    return end
  }
}

/// libdeflate's, with the wrapping of zlib. One thread uses it.
final class Compressor {
  private let handle: OpaquePointer

  /// - Parameter level: 1 to 12; others are taken to the nearest.
  init(level: Int) {
    guard let handle = libdeflate_alloc_compressor(Int32(min(max(level, 1), 12))) else {
      preconditionFailure("there is no memory for a compressor")
    }
    self.handle = handle
  }

  deinit { libdeflate_free_compressor(handle) }

  func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let length = libdeflate_zlib_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
    guard length > 0 else {
      throw ConnectorError(
        .connectorBug, "A grain of \(source.count) bytes does not fit into \(target.count) bytes.",
        remedy: "Report this to the connector's author.", outcome: .partial)
    }
    return length
  }
}
