import Support

/// What an image names beside itself, read from its own header before any tool opens it.
struct ImageReferences {
  var backingName: String?
  var subformat: String?
  /// Real paths of the files that hold the data of a VMDK in several files.
  var extents: [String] = []

  static func read(_ layer: ImageLayer, _ window: FileWindow, within folder: String) throws(AscendError)
    -> ImageReferences
  {
    switch layer.format {
    case .qcow2: try qcow(layer, window)
    case .vmdk: try VMDKGate.references(layer, window, within: folder)
    case .vpc: try vhd(layer, window)
    default: ImageReferences()
    }
  }

  private static func qcow(_ layer: ImageLayer, _ window: FileWindow) throws(AscendError) -> ImageReferences {
    let header = try QcowHeader.read(window)
    guard !header.usesExternalData else {
      throw AscendError(
        "disk.externalData", "The image keeps its data in another file", object: layer.path,
        remedy: "Convert it on the system it came from: qemu-img convert -O qcow2 OLD NEW")
    }
    guard !header.encrypted else { throw .encrypted(layer) }
    return ImageReferences(backingName: header.backingName)
  }

  private static func vhd(_ layer: ImageLayer, _ window: FileWindow) throws(AscendError) -> ImageReferences {
    let footer = try VHDFooter.read(window)
    switch footer?.kind {
    case .fixed: return ImageReferences(subformat: "fixed")
    case .dynamic: return ImageReferences(subformat: "dynamic")
    case .differencing:
      throw AscendError(
        "disk.unsupported", "The VHD is a differencing disk", object: layer.path,
        remedy: "Merge it with its parent on the system it came from")
    case nil:
      throw AscendError(
        "disk.malformed", "The VHD's footer is not valid", object: layer.path,
        remedy: "Take the image from another copy of the backup")
    }
  }
}

extension AscendError {
  static func encrypted(_ layer: ImageLayer) -> AscendError {
    AscendError(
      "disk.encrypted", "The image is encrypted", object: layer.path,
      remedy: "Decrypt it on the system it came from, and back it up again")
  }
}
