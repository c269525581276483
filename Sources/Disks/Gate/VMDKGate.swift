import Support

/// The files that a VMDK leads to. Its extents cannot be overridden when it is opened, so they are checked here.
enum VMDKGate {
  private static let extentTypes: Set<String> = ["FLAT", "VMFS", "SPARSE", "VMFSSPARSE", "SESPARSE"]
  private static let mostExtents = 4096

  static func references(_ layer: ImageLayer, _ window: FileWindow, within folder: String) throws(AscendError)
    -> ImageReferences
  {
    if let header = try VMDKHeader.read(window) {
      return try monolithic(layer, window, header)
    }
    guard try window.read(at: 0, count: 4).starts(with: "# Di") else {
      throw unsupported(layer, "It is one extent of a larger VMDK", "Name the VMDK's descriptor instead")
    }
    guard !layer.isMember else {
      throw unsupported(
        layer, "A VMDK in several files cannot be read inside an archive", "Unpack the archive and name its folder")
    }
    return try several(layer, window, within: folder)
  }

  private static func monolithic(_ layer: ImageLayer, _ window: FileWindow, _ header: VMDKHeader) throws(AscendError)
    -> ImageReferences
  {
    guard header.capacitySectors > 0 else {
      throw malformed(layer, "its header gives no size and would hand over to the descriptor in it")
    }
    guard header.descriptorOffset > 0 else { return ImageReferences() }
    let text = try window.read(at: header.descriptorOffset, count: header.descriptorLength)
    let descriptor = try parse(layer) { () throws(VMDKDescriptor.Malformed) in try VMDKDescriptor.parseKeys(text) }
    guard !descriptor.isEncrypted else { throw .encrypted(layer) }
    return ImageReferences(backingName: descriptor.parentName, subformat: descriptor.createType)
  }

  private static func several(_ layer: ImageLayer, _ window: FileWindow, within folder: String) throws(AscendError)
    -> ImageReferences
  {
    guard window.length <= 1 << 20 else { throw malformed(layer, "its descriptor is longer than 1 MiB") }
    let text = try window.read(at: 0, count: Int(window.length))
    let descriptor = try parse(layer) { () throws(VMDKDescriptor.Malformed) in try VMDKDescriptor.parse(text) }
    guard !descriptor.isEncrypted else { throw .encrypted(layer) }
    guard !descriptor.extents.isEmpty else { throw malformed(layer, "its descriptor names no extent") }
    guard descriptor.extents.count <= mostExtents else { throw malformed(layer, "it has too many extents") }
    var paths: [String] = []
    for extent in descriptor.extents { paths.append(try check(extent, of: layer, within: folder)) }
    return ImageReferences(
      backingName: descriptor.parentName, subformat: descriptor.createType, extents: paths)
  }

  /// The real path of an extent, which must be a plain file beside its descriptor.
  private static func check(_ extent: VMDKDescriptor.Extent, of layer: ImageLayer, within folder: String)
    throws(AscendError) -> String
  {
    guard !["VMFSRDM", "VMFSRDMP", "VMFSRAW"].contains(extent.type) else {
      throw unsupported(
        layer, "The disk is a raw device mapping: its data is on a storage device and not in the backup",
        "Back the device up by itself, or convert the disk with vmkfstools -i before the backup")
    }
    guard extent.access == "RW", extentTypes.contains(extent.type), let name = extent.fileName else {
      throw unsupported(
        layer, "Extents of kind \"\(extent.access) \(extent.type)\" are not read",
        "Export the machine again as OVA or OVF")
    }
    guard Confinement.isPlainName(name) else {
      throw AscendError(
        "disk.outsideBackup", "The VMDK keeps its data outside its own folder", object: layer.path,
        cause: "its descriptor names the extent \"\(name.prefix(200))\"",
        remedy: "An extent must be a plain file beside the descriptor")
    }
    let path = try Confinement.resolve(String(layer.path.prefix(upTo: afterFolder(layer.path))) + name, within: folder)
    let file = try FileWindow(path)
    switch extent.type {
    case "FLAT", "VMFS":
      let (end, overflow) = extent.sectors.addingReportingOverflow(extent.offsetSectors)
      guard !overflow, end <= (file.length + 511) / 512 else {
        throw AscendError(
          "disk.truncated", "An extent of the VMDK is shorter than its descriptor says", object: path,
          remedy: "The backup was cut short: copy it again")
      }
    case "SESPARSE":
      // qemu goes by the header: what follows the extent would stand at another place than the descriptor says.
      guard try SESparseHeader.read(file).capacitySectors == UInt64(extent.sectors) else {
        throw malformed(layer, "the header of its extent \(name) gives another size than its descriptor")
      }
    default:
      if let header = try VMDKHeader.read(file), header.capacitySectors == 0 {
        throw malformed(layer, "the header of its extent \(name) gives no size")
      }
    }
    return path
  }

  private static func afterFolder(_ path: String) -> String.Index {
    path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  }

  private static func parse(
    _ layer: ImageLayer, _ body: () throws(VMDKDescriptor.Malformed) -> VMDKDescriptor
  ) throws(AscendError) -> VMDKDescriptor {
    do { return try body() } catch { throw malformed(layer, error.reason) }
  }

  private static func malformed(_ layer: ImageLayer, _ cause: String) -> AscendError {
    AscendError(
      "disk.malformed", "The VMDK is not valid", object: layer.path, cause: cause,
      remedy: "Take the image from another copy of the backup")
  }

  private static func unsupported(_ layer: ImageLayer, _ message: String, _ remedy: String) -> AscendError {
    AscendError("disk.unsupported", message, object: layer.path, remedy: remedy)
  }
}
