import Foundation
import Support

extension DiskChain {
  /// The chain with an index for every differencing VHD or VHDX that has none yet, so that qemu can read it.
  ///
  /// - Parameters:
  ///   - name: The indexes' path without its end, `.delta1` and on.
  ///   - made: The files that are there afterwards, on failure too.
  func indexed(at name: String, made: inout [String]) throws(AscendError) -> DiskChain {
    var chain = self
    for place in layers.indices where needsIndex(place) {
      let index = "\(name).delta\(place)"
      made += [index, index + ".index", index + ".data"]
      try HyperVImage(layers[place].path, layers[place].format).writeIndex(at: index)
      chain.layers[place].index = index
    }
    return chain
  }

  var needsIndexes: Bool { layers.indices.contains(where: needsIndex) }

  private func needsIndex(_ place: Int) -> Bool {
    place > 0 && layers[place].index == nil && HyperVImage.formats.contains(layers[place].format)
  }
}

/// A chain that qemu's tools can open, for as long as a piece of work takes: indexes are made where they are needed.
struct ReadableChain {
  let chain: DiskChain
  private var folder: String?

  /// - Throws: what writing an index throws.
  init(_ chain: DiskChain) throws(AscendError) {
    guard chain.needsIndexes else {
      self.chain = chain
      return
    }
    let folder = NSTemporaryDirectory() + "ascend-index-" + UUID().uuidString
    try StateDirectory.makePrivate(folder)
    do throws(AscendError) {
      var made: [String] = []
      self.chain = try chain.indexed(at: folder + "/disk", made: &made)
      self.folder = folder
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  func remove() {
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }
}
