import Support

/// What a VMDK knows its parent by: the content that it had when the child was made. qemu fails on another one only when
/// it reads it.
enum VMDKLink {
  /// - Throws: `disk.parentChanged`, `disk.malformed`, `disk.unreadable`.
  static func check(_ child: VMDKDescriptor, at path: String, over parent: FileWindow) throws(AscendError) {
    guard let found = try VMDKDescriptor.read(parent, parent.path)?.contentID, let wanted = child.parentContentID,
      wanted != found
    else { return }
    throw changed(path, "it stands on content \(wanted.prefix(40)), \(parent.path) has content \(found.prefix(40))")
  }

  /// Of two images that the backup's description puts on one another, whatever they say of it.
  static func check(_ child: ImageLayer, over parent: ImageLayer) throws(AscendError) {
    guard child.format == .vmdk else { return }
    guard parent.format == .vmdk else { throw changed(child.path, "a VMDK stands on VMDKs only") }
    guard let descriptor = try VMDKDescriptor.read(FileWindow.ofImage(child), child.path),
      descriptor.parentContentID != nil
    else { throw changed(child.path, "the image says of itself that it stands alone") }
    try check(descriptor, at: child.path, over: FileWindow.ofImage(parent))
  }

  private static func changed(_ path: String, _ cause: String) -> AscendError {
    AscendError(
      "disk.parentChanged", "The image is not the one that the snapshot was made on", object: path, cause: cause,
      remedy: "Take both from the same backup, or merge them where they came from")
  }
}
