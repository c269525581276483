import ConnectorProtocol

/// Puts a dynamic VHDX together: all tables first, since the map of the disk is known, then the blocks in their order.
public struct VHDXAssembler: ImageAssembler {
  private let layout: VHDXLayout
  /// The block that chunks go to at the moment, and how many are stored before it.
  private var current: Int64 = 0
  private var before: Int64 = 0

  init(_ layout: VHDXLayout) {
    self.layout = layout
  }

  public mutating func begin(_ output: inout ImageOutput) { layout.begin(&output) }

  public mutating func add(_ chunk: PackedChunk, to output: inout ImageOutput) throws {
    // Chunks are not longer than blocks and do not cross their ends.
    let block = chunk.offset / layout.map.blockBytes
    guard !chunk.parts.isEmpty else { return }
    guard layout.map.contains(block) else {
      throw ConnectorError(
        .sourceChanged, "The disk holds data at byte \(chunk.offset), where it said it held none.",
        remedy: "Offer the disk again, unchanged, and start it anew.", outcome: .partial)
    }
    before += layout.map.count(in: current..<block)
    current = block
    let start = layout.payloadOffset + before * layout.map.blockBytes - block * layout.map.blockBytes
    chunk.forEachRun { offset, bytes in
      output.appendZeros(start + offset - output.position)
      output.append(bytes)
    }
  }

  public mutating func end(_ output: inout ImageOutput) {
    output.appendZeros(layout.imageBytes - output.position)
  }
}
