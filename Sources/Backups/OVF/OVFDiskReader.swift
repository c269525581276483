import ConnectorProtocol
import Disks
import Foundation
import Support

/// Finds the images of a descriptor's disks and has them checked.
struct OVFDiskReader {
  struct Found {
    var reference: OVFHardware.DiskReference
    var chain: DiskChain
    /// What the descriptor calls the files of the chain's images, base first.
    var names: [String]
  }

  var package: OVFPackage
  var files: any BackupFiles
  var object: String

  func read(
    _ references: [OVFHardware.DiskReference], _ known: inout CheckedChains, _ losses: inout [Loss],
    _ findings: inout [String]
  ) async throws(AscendError) -> [Found] {
    var found: [Found] = []
    var used: Set<String> = []
    var parents: Set<String> = []
    for reference in references {
      let label = reference.item.name ?? reference.item.instance
      let disk = try describe(reference, label)
      guard let fileID = reference.fileID ?? disk?.fileID else {
        losses.append(
          Loss(property: label, value: disk?.capacity, why: "An empty disk: the backup holds no image of it"))
        continue
      }
      guard let entry = package.files.first(where: { $0.id == fileID }) else {
        throw unusable(label, "it refers to the file \"\(fileID)\", which the descriptor does not list")
      }
      guard used.insert(fileID).inserted else {
        throw unusable(label, "another disk has the same image \"\(entry.href)\"")
      }
      var images = try OVFParents(package: package, object: object).below(disk, label)
      parents.formUnion(images.map(\.file.id))
      images.append((entry, disk))
      var layers: [ImageLayer] = []
      for image in images { layers.append(try layer(image.file, image.disk, label, &findings)) }
      let chain = try await DiskChain.resolve(layers, within: files.folder, described: true, known: &known)
      check(chain, disk, label, &findings)
      found.append(Found(reference: reference, chain: chain, names: images.map(\.file.href)))
    }
    for entry in package.files where !used.union(parents).contains(entry.id) {
      losses.append(Loss(property: "File \(entry.href)", why: "No disk of the machine refers to it"))
    }
    return found
  }

  private func describe(_ reference: OVFHardware.DiskReference, _ label: String) throws(AscendError)
    -> OVFPackage.Disk?
  {
    guard let id = reference.diskID else { return nil }
    guard let disk = package.disks.first(where: { $0.id == id }) else {
      throw unusable(label, "it refers to the disk \"\(id)\", which the descriptor does not list")
    }
    return disk
  }

  private func layer(
    _ entry: OVFPackage.File, _ disk: OVFPackage.Disk?, _ label: String, _ findings: inout [String]
  ) throws(AscendError) -> ImageLayer {
    let image = try OVFImageFile(entry, files: files, object: object)
    guard let file = try image.locate(label) else {
      throw AscendError(
        "backup.diskMissing", "The image \(entry.href) of the disk \"\(label)\" is not in the backup", object: object,
        remedy: "Copy the backup again, with all of its files")
    }
    findings += file.findings
    var layer = ImageLayer(path: file.path, format: .raw, offset: file.offset, length: file.length, pieces: file.pieces)
    let head = try image.head(file)
    if try image.isCompressed(head, isRaw: claim(disk).hasSuffix("raw")) {
      layer.compression = FileCompression(mostBytes: mostBytes(disk))
      layer.format = try format(claim(disk), nil, entry)
      findings.append(
        "The image \(entry.href) is compressed as a whole: each restore first unpacks it into the state's folder, which "
          + "takes up to \(Format.bytes(layer.compression?.mostBytes ?? 0))")
    } else {
      let sniffed =
        file.pieces == nil
        ? try ImageSniffer.format(of: file.path, offset: file.offset, length: file.length)
        : ImageSniffer.format(of: head)
      layer.format = try format(claim(disk), sniffed, entry)
    }
    return layer
  }

  /// What a compressed image may become: the disk's size, and some for the image's own tables.
  private func mostBytes(_ disk: OVFPackage.Disk?) -> Int64 {
    let capacity = OVFUnits.bytes(disk?.capacity, unit: OVFUnits.bytes(disk?.capacityUnits))
    guard let capacity, capacity <= ImageGate.largestVirtualSize else { return ImageGate.largestVirtualSize }
    return capacity + capacity / 50 + 64 << 20
  }

  private func claim(_ disk: OVFPackage.Disk?) -> String { disk?.format?.lowercased() ?? "" }

  /// The format that the descriptor claims; only where it claims none that is known, what the image looks like.
  private func format(_ claim: String, _ sniffed: ImageFormat?, _ entry: OVFPackage.File) throws(AscendError)
    -> ImageFormat
  {
    if claim.contains("vmdk") { return .vmdk }
    if claim.contains("qcow") { return .qcow2 }
    if claim.contains("vhdx") { return .vhdx }
    // The address under which the VHD format was published.
    if claim.contains("vhd") || claim.contains("linkid=137171") { return .vpc }
    if claim.hasSuffix("raw") { return .raw }
    guard let sniffed else {
      throw AscendError(
        "backup.unsupported", "The format of the image \(entry.href) is not known", object: object,
        cause: claim.isEmpty ? "the descriptor names none" : "the descriptor says \"\(claim.prefix(200))\"",
        remedy: "Name the format in the descriptor, or export the machine with VMDK disks")
    }
    return sniffed
  }

  private func check(_ chain: DiskChain, _ disk: OVFPackage.Disk?, _ label: String, _ findings: inout [String]) {
    let unit = OVFUnits.bytes(disk?.capacityUnits)
    guard let capacity = OVFUnits.bytes(disk?.capacity, unit: unit), capacity != chain.virtualSizeBytes else { return }
    findings.append(
      "The disk \"\(label)\" has \(chain.virtualSizeBytes) bytes; the descriptor says \(capacity)")
  }

  private func unusable(_ label: String, _ cause: String) -> AscendError {
    AscendError(
      "backup.descriptorMalformed", "The disk \"\(label)\" of the descriptor cannot be found", object: object,
      cause: cause, remedy: "Export the machine again")
  }
}
