import Foundation
import Support

extension DiskChain {
  /// The chain with an index for every image that has none yet and that qemu cannot read by itself: a differencing VHD
  /// or VHDX, an image in pieces; one that is compressed is unpacked.
  ///
  /// - Parameters:
  ///   - name: The indexes' path without its end, `.delta1` and on.
  ///   - made: The files that are there afterwards, on failure too.
  func indexed(at name: String, made: inout [String]) async throws(AscendError) -> DiskChain {
    try requireOffered()
    var chain = self
    for place in layers.indices where needsIndex(place) {
      let layer = layers[place]
      let index = "\(name).delta\(place)"
      made.append(index)
      if let compression = layer.compression {
        try await Unpacking.run(layer, compression, to: index)
      } else if let pieces = layer.pieces {
        made += pieces.indices.map { PiecesIndex.link(index, $0) }
        try PiecesIndex.write(pieces, at: index)
      } else {
        made += [index + ".index", index + ".data"]
        try HyperVImage(layer.path, layer.format).writeIndex(at: index)
      }
      chain.layers[place].index = index
    }
    return chain
  }

  var needsIndexes: Bool { layers.indices.contains(where: needsIndex) }

  private func needsIndex(_ place: Int) -> Bool {
    guard layers[place].index == nil else { return false }
    return layers[place].isAssembled || place > 0 && HyperVImage.formats.contains(layers[place].format)
  }
}

/// A chain that qemu's tools can open, for as long as a piece of work takes: indexes are made where they are needed.
struct ReadableChain {
  let chain: DiskChain
  private var folder: String?

  /// - Throws: what writing an index or unpacking throws.
  init(_ chain: DiskChain) async throws(AscendError) {
    try chain.requireOffered()
    guard chain.needsIndexes else {
      self.chain = chain
      return
    }
    let folder = try Scratch.make()
    do throws(AscendError) {
      var made: [String] = []
      self.chain = try await chain.indexed(at: folder + "/disk", made: &made)
      self.folder = folder
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// One image by itself.
  init(_ layer: ImageLayer) async throws(AscendError) {
    try await self.init(DiskChain(layers: [layer], virtualSizeBytes: 0))
  }

  func remove() {
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }
}
