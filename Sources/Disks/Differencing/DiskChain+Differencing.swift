import Support

extension DiskChain {
  /// Looks at a VHD or VHDX that stands on another image, which qemu cannot.
  ///
  /// - Returns: The layer with its real path, and the virtual size.
  static func checkDifferencing(_ layer: ImageLayer, over base: ImageLayer, within folder: String) throws(AscendError)
    -> (layer: ImageLayer, virtualSizeBytes: Int64)
  {
    guard !layer.isMember, !base.isMember, !layer.isAssembled, !base.isAssembled else {
      throw AscendError(
        "disk.unsupported", "A differencing image cannot be read inside an archive", object: layer.path,
        remedy: "Unpack the archive and name its folder")
    }
    var checked = layer
    checked.path = try Confinement.resolve(layer.path, within: folder)
    guard try ImageSniffer.matches(FileWindow(checked.path), layer.format) else {
      throw AscendError(
        "disk.formatMismatch", "The image is not of the format \(layer.format) that the backup claims",
        object: layer.path, remedy: "Correct the backup's description, or copy the image again")
    }
    let image = try HyperVImage(checked.path, layer.format)
    guard image.isDifferencing, base.format == layer.format else {
      throw AscendError(
        "disk.unsupported", "An image of format \(layer.format) cannot stand on another", object: layer.path,
        cause: image.isDifferencing ? "the one below is of the format \(base.format)" : "it is no differencing image",
        remedy: "Correct the chain in the backup's description")
    }
    guard try image.parentIdentifiers.contains(HyperVImage(base.path, base.format).identifier) else {
      throw ParentSearch.changed(checked.path, base.path)
    }
    guard try !image.isDirty() else { throw .dirtyLog(checked.path) }
    try image.survey()
    return (checked, image.virtualSize)
  }
}
