public import Support

extension DiskChain {
  /// The longest chain that is read.
  public static let longest = 64

  /// Checks every image of a chain, base first, and joins them.
  ///
  /// - Parameters:
  ///   - layers: The images as the backup describes them, base first.
  ///   - folder: The backup's folder, which none of them may leave.
  ///   - countAllocated: Whether to look up how much of the disk holds data; reads metadata only.
  /// - Throws: what `ImageGate.check` throws, `disk.emptyChain`, `disk.chainTooLong`, `disk.chainLoop`.
  public static func resolve(_ layers: [ImageLayer], within folder: String, countAllocated: Bool = true)
    async throws(AscendError) -> DiskChain
  {
    guard !layers.isEmpty else {
      throw AscendError("disk.emptyChain", "A disk of the backup has no image", object: folder)
    }
    guard layers.count <= longest else {
      throw AscendError(
        "disk.chainTooLong", "The chain has \(layers.count) images", object: layers.last?.path,
        remedy: "At most \(longest) are read: merge some on the system they came from")
    }
    var checked: [ImageLayer] = []
    var size: Int64 = 0
    for layer in layers {
      let path = try Confinement.resolve(layer.path, within: folder)
      guard !checked.contains(where: { $0.path == path && $0.offset == layer.offset }) else {
        throw AscendError(
          "disk.chainLoop", "The image stands in its own chain twice", object: layer.path,
          remedy: "Correct the chain in the backup's description")
      }
      let facts = try await ImageGate.check(layer, within: folder, allowedBacking: checked.last?.path)
      guard checked.isEmpty || layer.format == .qcow2 || layer.format == .vmdk else {
        throw AscendError(
          "disk.unsupported", "An image of format \(layer.format) cannot stand on another", object: layer.path,
          remedy: "Merge the chain on the system it came from")
      }
      checked.append(facts.layer)
      size = facts.virtualSizeBytes
    }
    var chain = DiskChain(layers: checked, virtualSizeBytes: size)
    if countAllocated { chain.allocatedBytes = try await AllocationMap.allocatedBytes(of: chain) }
    return chain
  }
}
