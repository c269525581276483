import Foundation
public import Support

extension DiskChain {
  /// The chain of an image, base first: each image's parent is found by what the image says of it.
  ///
  /// What an image says are paths of the computer that it was made on. The file is looked for by its name, beside the
  /// image and in the backup's folder; nothing out of the folder is ever opened. Where the format has marks of its own
  /// (VHD, VHDX, VMDK), a file that has the right name but not the right mark is not the parent.
  ///
  /// - Parameters:
  ///   - top: The newest image.
  ///   - format: What the newest image is, where the backup says so; nil to go by its magic number.
  ///   - folder: The backup's folder, which no image may leave.
  /// - Returns: One layer where the image stands on no other. What `resolve` takes; nothing was checked yet.
  /// - Throws: `disk.parentMissing`, `disk.parentChanged`, `disk.chainLoop`, `disk.chainTooLong`, `disk.malformed`,
  ///   `disk.missing`, `disk.outsideBackup`, `disk.unreadable`.
  public static func parents(of top: String, format: ImageFormat? = nil, within folder: String) throws(AscendError)
    -> [ImageLayer]
  {
    var path = try Confinement.resolve(top, within: folder)
    var claimed = format
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
      let window = try FileWindow(path)
      let sniffed = claimed == nil ? try ImageSniffer.format(of: window) : nil
      let layer = ImageLayer(path: path, format: claimed ?? sniffed ?? .raw)
      layers.insert(layer, at: 0)
      // One that is not what it is said to be is refused later, and says nothing of a parent.
      guard try ImageSniffer.matches(window, layer.format),
        let below = try ImageParent.find(layer, window, within: folder)
      else { return layers }
      (path, claimed) = below
    }
  }
}

/// What an image says of the one that it stands on, and where that is.
private enum ImageParent {
  /// - Returns: The parent's path and, where the image says it, its format; nil where it stands on nothing.
  static func find(_ layer: ImageLayer, _ window: FileWindow, within folder: String) throws(AscendError)
    -> (String, ImageFormat?)?
  {
    switch layer.format {
    case .vpc, .vhdx:
      let image = try HyperVImage(layer.path, layer.format)
      guard image.isDifferencing else { return nil }
      return (try ParentSearch.parent(of: image, layer.format, within: folder), layer.format)
    case .qcow2:
      let header = try QcowHeader.read(window)
      guard let name = header.backingName else { return nil }
      guard let path = located(name, layer, within: folder) else { throw missing(layer, name) }
      return (path, header.backingFormat.map { ImageFormat(rawValue: $0) })
    case .vmdk:
      guard let descriptor = try VMDKDescriptor.read(window, layer.path), let name = descriptor.parentName else {
        return nil
      }
      guard let path = located(name, layer, within: folder) else { throw missing(layer, name) }
      try VMDKLink.check(descriptor, at: layer.path, over: FileWindow(path))
      return (path, .vmdk)
    default: return nil
    }
  }

  private static func located(_ name: String, _ layer: ImageLayer, within folder: String) -> String? {
    guard WindowsPath.isAbsolute(name) || !name.contains(":") else { return nil }
    return ParentSearch.candidates([name], beside: layer.path, within: folder).lazy
      .compactMap { try? Confinement.resolve($0, within: folder) }.first { $0 != layer.path }
  }

  private static func missing(_ layer: ImageLayer, _ name: String) -> AscendError {
    AscendError(
      "disk.parentMissing", "The image that another one stands on is not in the backup", object: layer.path,
      cause: "it names \"\(name.prefix(200))\"",
      remedy: "Copy the parent beside it: paths out of the backup's folder are never followed")
  }
}
