import Foundation
public import Support

extension DiskChain {
  /// The chain of a VHD or VHDX, base first: each image's parent is found by what the image says of it.
  ///
  /// - Parameters:
  ///   - top: The newest image.
  ///   - folder: The backup's folder, which no image may leave.
  /// - Returns: One layer where the image stands on no other, or is of another format.
  /// - Throws: `disk.parentMissing`, `disk.parentChanged`, `disk.chainLoop`, `disk.chainTooLong`, `disk.malformed`,
  ///   `disk.missing`, `disk.outsideBackup`, `disk.unreadable`.
  public static func parents(of top: String, within folder: String) throws(AscendError) -> [ImageLayer] {
    var path = try Confinement.resolve(top, within: folder)
    var layers: [ImageLayer] = []
    while true {
      guard !layers.contains(where: { $0.path == path }) else {
        throw AscendError(
          "disk.chainLoop", "The image stands in its own chain twice", object: path,
          remedy: "Take the chain from another copy of the backup")
      }
      guard layers.count < longest else {
        throw AscendError(
          "disk.chainTooLong", "The chain has more than \(longest) images", object: top,
          remedy: "Merge some on the system they came from")
      }
      let format = try ImageSniffer.format(of: path) ?? .raw
      layers.insert(ImageLayer(path: path, format: format), at: 0)
      guard HyperVImage.formats.contains(format) else { return layers }
      let image = try HyperVImage(path, format)
      guard image.isDifferencing else { return layers }
      path = try ParentSearch.parent(of: image, format, within: folder)
    }
  }

  /// Looks at a VHD or VHDX that stands on another image, which qemu cannot.
  ///
  /// - Returns: The layer with its real path, and the virtual size.
  static func checkDifferencing(_ layer: ImageLayer, over base: ImageLayer, within folder: String) throws(AscendError)
    -> (layer: ImageLayer, virtualSizeBytes: Int64)
  {
    guard !layer.isMember, !base.isMember else {
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
