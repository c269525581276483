import ConnectorDisk
import ConnectorImages

/// The flat file of a VMDK: the disk's bytes as the guest sees them, with every zero.
struct FlatEncoder: ImageEncoder {
  let sizeBytes: Int64

  var chunkBytes: Int { 512 << 10 }
  var alignment: Int { 512 }
  var threads: Int { 0 }

  func largestImage(allocatedBytes: Int64) -> Int64 { sizeBytes }
  func makePacker() -> Packer { Packer() }
  func makeAssembler(for reader: DiskReader) async throws -> Assembler { Assembler(sizeBytes: sizeBytes) }

  struct Packer: ChunkPacker {
    mutating func pack(_ bytes: [UInt8], at offset: Int64) throws -> PackedChunk {
      PackedChunk(offset: offset, length: bytes.count, bytes: bytes)
    }
  }

  struct Assembler: ImageAssembler {
    let sizeBytes: Int64

    mutating func begin(_ output: inout ImageOutput) throws {}

    mutating func add(_ chunk: PackedChunk, to output: inout ImageOutput) throws {
      output.appendZeros(chunk.offset - output.position)
      output.append(chunk.bytes)
    }

    mutating func end(_ output: inout ImageOutput) throws {
      output.appendZeros(sizeBytes - output.position)
    }
  }
}
