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
    case .vhdx: try vhdx(layer, window)
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
    guard let footer, let kind = footer.kind else { throw .vhd(window, "its footer is not one") }
    switch kind {
    case .fixed:
      guard footer.checksumIsValid else { throw .vhd(window, "the checksum of its footer is wrong") }
      guard footer.virtualSize <= footer.offset else {
        throw AscendError(
          "disk.truncated", "The VHD is shorter than its footer says", object: layer.path,
          cause: "the footer says \(footer.virtualSize) bytes, \(footer.offset) are in front of it",
          remedy: "It was cut short: copy the backup again")
      }
      return ImageReferences(subformat: "fixed")
    case .dynamic: return ImageReferences(subformat: "dynamic")
    case .differencing: throw withoutParent(layer)
    }
  }

  private static func vhdx(_ layer: ImageLayer, _ window: FileWindow) throws(AscendError) -> ImageReferences {
    let file = try VHDXFile.read(window)
    guard !file.hasParent else { throw withoutParent(layer) }
    guard try !file.isDirty(window) else { throw .dirtyLog(layer.path) }
    return ImageReferences()
  }

  private static func withoutParent(_ layer: ImageLayer) -> AscendError {
    AscendError(
      "disk.unsupported", "A differencing image stands on nothing in its chain", object: layer.path,
      remedy: "Put its parent in front of it in the chain, or merge the two where they came from")
  }
}

extension AscendError {
  static func encrypted(_ layer: ImageLayer) -> AscendError {
    AscendError(
      "disk.encrypted", "The image is encrypted", object: layer.path,
      remedy: "Decrypt it on the system it came from, and back it up again")
  }
}
