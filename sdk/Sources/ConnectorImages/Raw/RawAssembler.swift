import ConnectorDisk

/// The disk's bytes where they are on the disk, and something behind them.
public struct RawAssembler: ImageAssembler {
  let sizeBytes: Int64
  let trailer: [UInt8]

  public mutating func begin(_ output: inout ImageOutput) {}

  public mutating func add(_ chunk: PackedChunk, to output: inout ImageOutput) {
    chunk.forEachRun { offset, bytes in
      output.appendZeros(offset - output.position)
      output.append(bytes)
    }
  }

  public mutating func end(_ output: inout ImageOutput) {
    output.appendZeros(sizeBytes - output.position)
    output.append(trailer)
  }
}
