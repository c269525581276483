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
  ///   - described: The backup's description says what stands on what. What an image calls its parent does not count then,
  ///     nor that it names none: it may have had another name elsewhere. The marks that VMDK, VHD and VHDX know their
  ///     parents by do.
  /// - Throws: what `ImageGate.check` throws, `disk.emptyChain`, `disk.chainTooLong`, `disk.chainLoop`, `disk.corrupt`,
  ///   `disk.parentChanged`.
  public static func resolve(
    _ layers: [ImageLayer], within folder: String, countAllocated: Bool = true, described: Bool = false
  ) async throws(AscendError) -> DiskChain {
    var known = CheckedChains()
    return try await resolve(
      layers, within: folder, countAllocated: countAllocated, described: described, known: &known)
  }

  /// Checks a chain of a backup that has several, which may share images.
  ///
  /// - Parameter known: What was checked within the same folder, and as described in the same way; gets this chain.
  public static func resolve(
    _ layers: [ImageLayer], within folder: String, countAllocated: Bool = true, described: Bool = false,
    known: inout CheckedChains
  ) async throws(AscendError) -> DiskChain {
    guard !layers.isEmpty else {
      throw AscendError(
        "disk.emptyChain", "A disk of the backup has no image", object: folder,
        remedy: "Add its images to the backup's description")
    }
    guard layers.count <= longest else {
      throw AscendError(
        "disk.chainTooLong", "The chain has \(layers.count) images", object: layers.last?.path,
        remedy: "At most \(longest) are read: merge some on the system they came from")
    }
    let start = known.start(of: layers)
    if start.layers.count == layers.count, !countAllocated { return start }
    // What was put together to look at it is gone again: such a chain is gone through anew.
    let isUsable = !start.layers.contains(where: \.isAssembled)
    var checked = isUsable ? start.layers : []
    var size: Int64 = isUsable ? start.virtualSizeBytes : 0
    var opened: [ReadableChain] = []
    defer { for chain in opened { chain.remove() } }
    for named in layers.dropFirst(checked.count) {
      let path = try Confinement.resolve(named.path, within: folder)
      let layer = try await assembled(named, within: folder, &opened)
      guard !checked.contains(where: { $0.path == path && $0.offset == layer.offset }) else {
        throw AscendError(
          "disk.chainLoop", "The image stands in its own chain twice", object: layer.path,
          remedy: "Correct the chain in the backup's description")
      }
      if let base = checked.last, HyperVImage.formats.contains(layer.format) {
        let found = try checkDifferencing(layer, over: base, within: folder)
        checked.append(found.layer)
        size = found.virtualSizeBytes
        known.add(layers.prefix(checked.count), as: found.layer, virtualSizeBytes: size)
        continue
      }
      let facts = try await ImageGate.check(
        layer, within: folder, allowedBacking: checked.last?.path, describedBacking: described)
      if described, let base = checked.last {
        try VMDKLink.check(facts.layer, over: base)
        // Where an image names its parent, qemu takes nothing but a plain file for it.
        guard facts.backingName == nil || !base.isMember && base.pieces == nil else {
          throw AscendError(
            "disk.unsupported", "An image that stands on one in an archive or in pieces is not read",
            object: facts.layer.path, remedy: "Unpack the archive, join the pieces, and name the folder")
        }
      }
      guard checked.isEmpty || layer.format == .qcow2 || layer.format == .vmdk else {
        throw AscendError(
          "disk.unsupported", "An image of format \(layer.format) cannot stand on another", object: layer.path,
          remedy: "Merge the chain on the system it came from")
      }
      try await checkStructure(facts.layer)
      checked.append(facts.layer)
      size = facts.virtualSizeBytes
      known.add(layers.prefix(checked.count), as: facts.layer, virtualSizeBytes: size)
    }
    var chain = DiskChain(layers: checked, virtualSizeBytes: size)
    guard countAllocated, ImageTools.areUsed else { return chain.withoutAssembly }
    do { chain.allocatedBytes = try await AllocationMap.allocatedBytes(of: chain) } catch
      where error.code == "tool.timeout"
    {
      // A disk in too many pieces to count is still a disk.
      chain.allocatedBytes = nil
    }
    return chain.withoutAssembly
  }

  /// A layer that can be looked at: its pieces joined or its file unpacked, for as long as `opened` is there.
  private static func assembled(_ layer: ImageLayer, within folder: String, _ opened: inout [ReadableChain])
    async throws(AscendError) -> ImageLayer
  {
    guard layer.isAssembled else { return layer }
    var layer = layer
    layer.path = try Confinement.resolve(layer.path, within: folder)
    layer.pieces = try layer.pieces?.map { (piece) throws(AscendError) in
      FilePiece(
        path: try Confinement.resolve(piece.path, within: folder), offset: piece.offset, length: piece.length)
    }
    let readable = try await ReadableChain(layer)
    opened.append(readable)
    return readable.chain.layers[0]
  }

  /// The chain as the backup has it, without the files that were made to look at it.
  private var withoutAssembly: DiskChain {
    var chain = self
    for place in layers.indices where layers[place].isAssembled { chain.layers[place].index = nil }
    return chain
  }

  /// How long qemu-img may look at one image before it is let pass; where its data is has been checked by then.
  private static let structureSeconds = 300.0

  /// Refuses an image whose tables are damaged. An image that was cut short reads as zeros where its end is missing,
  /// without any error: a machine would be restored with holes in its disks.
  private static func checkStructure(_ layer: ImageLayer) async throws(AscendError) {
    let outcome: ImageCheck.Outcome
    do { outcome = try await ImageCheck.run(layer, within: structureSeconds) } catch {
      guard error.code == "tool.timeout" else { throw error }
      return
    }
    guard case .damaged(let why) = outcome else { return }
    throw AscendError(
      "disk.corrupt", "The image is damaged or was cut short", object: layer.path, cause: why,
      remedy: "Take it from another copy of the backup")
  }
}
