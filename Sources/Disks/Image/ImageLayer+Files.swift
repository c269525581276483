extension ImageLayer {
  /// Every file that the image's bytes are in: its pieces, and the extents that a VMDK's descriptor names.
  ///
  /// For an image that `DiskChain.resolve` let pass; a descriptor that cannot be read any more names nothing.
  public var files: [String] {
    if remote != nil { return [] }
    if let pieces { return pieces.map(\.path) }
    guard format == .vmdk, !isMember, let window = try? FileWindow(path), (try? VMDKHeader.read(window)) == nil,
      let descriptor = try? VMDKDescriptor.read(window, path)
    else { return [path] }
    let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
    return [path] + descriptor.extents.compactMap(\.fileName).filter(Confinement.isPlainName).map { "\(folder)/\($0)" }
  }
}
