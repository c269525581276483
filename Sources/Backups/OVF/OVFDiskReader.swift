import ConnectorProtocol
import Disks
import Foundation
import Support

/// Finds the images of a descriptor's disks and has them checked.
struct OVFDiskReader {
  struct Found {
    var reference: OVFHardware.DiskReference
    var chain: DiskChain
  }

  var package: OVFPackage
  var files: any BackupFiles
  var object: String

  func read(
    _ references: [OVFHardware.DiskReference], _ losses: inout [Loss], _ findings: inout [String]
  ) async throws(AscendError) -> [Found] {
    var found: [Found] = []
    var used: Set<String> = []
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
      let chain = try await open(entry, disk, label, &findings)
      check(chain, disk, label, &findings)
      found.append(Found(reference: reference, chain: chain))
    }
    for entry in package.files where !used.contains(entry.id) {
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
    guard disk.parent == nil else {
      throw AscendError(
        "backup.unsupported", "The disk \"\(label)\" stands on another disk of the descriptor", object: object,
        cause: "parentRef names \"\(disk.parent ?? "")\"", remedy: "Merge the snapshots, then export the machine again")
    }
    return disk
  }

  private func open(
    _ entry: OVFPackage.File, _ disk: OVFPackage.Disk?, _ label: String, _ findings: inout [String]
  ) async throws(AscendError) -> DiskChain {
    guard !entry.isSplit, entry.compression.map({ $0 == "" || $0 == "identity" }) ?? true else {
      throw AscendError(
        "backup.unsupported", "The image \(entry.href) is \(entry.isSplit ? "split" : "compressed as a whole")",
        object: object, cause: "reading \(entry.isSplit ? "split" : "compressed") files is not supported yet",
        remedy: "Unpack it beside the descriptor, and correct the descriptor")
    }
    guard let file = try locate(entry.href) else {
      throw AscendError(
        "backup.diskMissing", "The image \(entry.href) of the disk \"\(label)\" is not in the backup", object: object,
        remedy: "Copy the backup again, with all of its files")
    }
    if let size = entry.size, size != file.length {
      guard size < file.length else {
        throw AscendError(
          "backup.diskTruncated", "The image \(entry.href) is shorter than the descriptor says", object: file.path,
          cause: "it has \(file.length) bytes, the descriptor says \(size)",
          remedy: "The file was cut short: copy it again")
      }
      findings.append("The image \(entry.href) has \(file.length) bytes; the descriptor says \(size)")
    }
    let head = try FileSlice(file.path, offset: file.offset ?? 0, length: file.length).read(at: 0, count: 2)
    guard head != [0x1f, 0x8b] else {
      throw AscendError(
        "backup.unsupported", "The image \(entry.href) is compressed with gzip", object: object,
        cause: "reading gzip images is not supported yet", remedy: "Unpack it, and correct the descriptor")
    }
    let format = try format(of: file, disk, entry)
    let layer = ImageLayer(
      path: file.path, format: format, offset: file.offset, length: file.offset == nil ? nil : file.length)
    return try await DiskChain.resolve([layer], within: files.folder)
  }

  /// The file of a `href`, which may be written with escapes.
  private func locate(_ href: String) throws(AscendError) -> BackupFile? {
    for name in [href, href.removingPercentEncoding ?? href] {
      guard !name.contains(":") else { continue }
      if let file = try files.file(try MemberName.checked(name, in: object)) { return file }
    }
    return nil
  }

  /// The format that the descriptor claims; only where it claims none that is known, what the image looks like.
  private func format(of file: BackupFile, _ disk: OVFPackage.Disk?, _ entry: OVFPackage.File) throws(AscendError)
    -> ImageFormat
  {
    let claim = disk?.format?.lowercased() ?? ""
    if claim.contains("vmdk") { return .vmdk }
    if claim.contains("qcow") { return .qcow2 }
    if claim.contains("vhdx") { return .vhdx }
    // The address under which the VHD format was published.
    if claim.contains("vhd") || claim.contains("linkid=137171") { return .vpc }
    if claim.hasSuffix("raw") { return .raw }
    let sniffed = try ImageSniffer.format(of: file.path, offset: file.offset, length: file.length)
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
