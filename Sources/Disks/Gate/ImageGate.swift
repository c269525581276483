import Foundation
public import Support

/// Looks at an image before anything acts on it. Backups are hostile input: an image may name any file of this computer
/// as its backing file, its data file or an extent, and an incautious tool would read it into the restored machine.
public enum ImageGate {
  /// The largest virtual disk that is read.
  public static let largestVirtualSize: Int64 = 64 << 40

  /// Checks one image.
  ///
  /// - Parameters:
  ///   - layer: The image and the format that it is claimed to be of.
  ///   - folder: The backup's folder; the image and every file that it names must really lie within it.
  ///   - allowedBacking: The image below this one in its chain; nil for a base, which must not name any.
  ///   - describedBacking: Whether it is the backup's description that says so, so that the name does not count.
  /// - Throws: `disk.missing`, `disk.unreadable`, `disk.truncated`, `disk.outsideBackup`, `disk.unsupportedFormat`,
  ///   `disk.formatMismatch`, `disk.malformed`, `disk.unsupported`, `disk.encrypted`, `disk.externalData`,
  ///   `disk.unexpectedBacking`, `disk.backingMismatch`, `disk.corrupt`, `disk.tooLarge`.
  public static func check(
    _ layer: ImageLayer, within folder: String, allowedBacking: String? = nil, describedBacking: Bool = false
  ) async throws(AscendError) -> ImageFacts {
    guard ImageFormat.readable.contains(layer.format) else {
      throw AscendError(
        "disk.unsupportedFormat", "Images of format \"\(layer.format)\" are not read", object: layer.path,
        remedy: "The formats are \(ImageFormat.readable.map(\.rawValue).joined(separator: ", "))")
    }
    var checked = layer
    checked.path = try Confinement.resolve(layer.path, within: folder)
    let references = try inspect(checked, within: folder)
    try checkBacking(references.backingName, of: checked, allowed: allowedBacking, described: describedBacking)
    guard ImageTools.areUsed else { return ImageFacts(layer: checked, virtualSizeBytes: 0) }
    let info = try await ImageInfo.read(checked)
    try compare(info, references, checked)
    guard info.virtualSize >= 0, info.virtualSize <= largestVirtualSize else {
      throw AscendError(
        "disk.tooLarge", "The image claims a virtual size of \(info.virtualSize) bytes", object: layer.path,
        remedy: "The largest disk that is read has \(Format.bytes(largestVirtualSize))")
    }
    return ImageFacts(
      layer: checked, virtualSizeBytes: info.virtualSize, backingName: references.backingName,
      subformat: references.subformat ?? info.specific?.data?.createType, extents: references.extents)
  }

  private static func inspect(_ layer: ImageLayer, within folder: String) throws(AscendError) -> ImageReferences {
    let window = try FileWindow.ofImage(layer)
    guard try ImageSniffer.matches(window, layer.format) else {
      let found = try ImageSniffer.format(of: window)
      throw AscendError(
        "disk.formatMismatch", "The image is not of the format \(layer.format) that the backup claims",
        object: layer.path, cause: found.map { "it looks like \($0)" } ?? "it has no such header",
        remedy: "Correct the backup's description, or copy the image again")
    }
    return try ImageReferences.read(layer, window, within: folder)
  }

  /// A name must lead to the image below, by a path and not through a protocol, and must be there if one is below.
  private static func checkBacking(_ name: String?, of layer: ImageLayer, allowed: String?, described: Bool)
    throws(AscendError)
  {
    guard let name else {
      guard let allowed, !described else { return }
      throw AscendError(
        "disk.backingMismatch", "The image does not stand on the one below it in its chain", object: layer.path,
        cause: "it names no base, the backup's description names \(allowed)",
        remedy: "Correct the order of the chain in the backup's description")
    }
    let shown = "it names \"\(name.prefix(200))\" as its base"
    guard let allowed else {
      throw AscendError(
        "disk.unexpectedBacking", "The image stands on a file that is no part of the backup", object: layer.path,
        cause: shown, remedy: "Add the base to the backup, in front of this image in its chain")
    }
    let isWindowsPath = layer.format == .vmdk && WindowsPath.isAbsolute(name)
    guard isWindowsPath || !name.contains(":") else {
      throw AscendError(
        "disk.unexpectedBacking", "The image names its base through a protocol", object: layer.path, cause: shown,
        remedy: "The base must be a file in the backup's folder")
    }
    if described { return }
    // A backup is copied to other places than its images remember. The name is never opened: what counts is that it is
    // that of the image below.
    if WindowsPath.lastComponent(name) == WindowsPath.lastComponent(allowed) { return }
    let folder = layer.path.prefix(upTo: layer.path.lastIndex(of: "/") ?? layer.path.startIndex)
    let path = name.hasPrefix("/") ? name : folder + "/" + name
    guard let named = try? Confinement.resolve(path, within: "/"),
      named == (try? Confinement.resolve(allowed, within: "/"))
    else {
      throw AscendError(
        "disk.backingMismatch", "The image does not stand on the one below it in its chain", object: layer.path,
        cause: "\(shown), the backup's description names \(allowed)",
        remedy: "Correct the order of the chain in the backup's description")
    }
  }

  /// What the tool found must be what was read here: a difference means that one of the two was led astray.
  private static func compare(_ info: ImageInfo, _ references: ImageReferences, _ layer: ImageLayer)
    throws(AscendError)
  {
    let details = info.specific?.data
    if info.encrypted == true { throw .encrypted(layer) }
    if details?.corrupt == true {
      throw AscendError(
        "disk.corrupt", "The image is marked as corrupt", object: layer.path,
        remedy: "Take it from another copy of the backup")
    }
    let extents = (details?.extents ?? []).map(\.filename).filter { path in
      path.hasPrefix("/") && path != layer.path && path != layer.index
    }
    let known = references.extents
    let astray = extents.first { path in !known.contains((try? Confinement.resolve(path, within: "/")) ?? path) }
    let unexpected =
      details?.dataFile ?? astray
      ?? (info.backingFilename == references.backingName
        ? nil : info.backingFilename ?? references.backingName)
    if let unexpected {
      throw AscendError(
        "disk.unexpectedBacking", "The image names a file in a way that is not accepted", object: layer.path,
        cause: "\"\(unexpected.prefix(200))\"", remedy: "Take the image from another copy of the backup")
    }
  }
}
