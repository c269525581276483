import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads a libvirt domain and the disks that it names, from the folder that they were copied to.
struct LibvirtReader: BackupSource {
  var folder: String
  var file: BackupFile

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let domain: LibvirtDomain
    let bytes = try file.contents(limit: XMLTree.longest)
    do { domain = try LibvirtDomain.parse(bytes) } catch {
      throw AscendError(
        "backup.descriptorMalformed", "The libvirt domain cannot be used", object: file.path, cause: error.reason,
        remedy: "Write it anew: virsh dumpxml --inactive NAME")
    }
    if let device = domain.hostDevices.first {
      throw unsupported(
        "device \(device.prefix(80))", "it is a SCSI device of the host, whose data is not in the backup",
        remedy: "Take it out of the domain's XML, and back its data up by itself")
    }
    var disks: [BackupDisk] = []
    var known = CheckedChains()
    for (index, disk) in domain.disks.enumerated() {
      disks.append(BackupDisk(index: index, chain: try await chain(of: disk, &known)))
    }
    var findings = domain.findings + [DigestCheck.noDigests]
    let points = try await ChainPoints.of(disks, within: folder, known: &known, findings: &findings)
    return Backup(
      name: domain.name, platform: "libvirt", product: domain.identity.source["libvirt:machine"], kind: .libvirt,
      path: file.path, machine: domain.machine(sizes: disks.map(\.chain.virtualSizeBytes)), disks: disks,
      losses: domain.losses, findings: findings, points: points)
  }

  private func chain(of disk: LibvirtDisk, _ known: inout CheckedChains) async throws(AscendError) -> DiskChain {
    guard !disk.isEncrypted else {
      throw AscendError(
        "backup.encrypted", "The disk \(disk.target) is encrypted by the host that it was on", object: file.path,
        remedy: "Decrypt it there, and back it up again")
    }
    let source = disk.isOfHost ? nil : disk.source
    let named = try source.flatMap { (source) throws(AscendError) in try SourceLocator(folder).find(source) }
    let found = named == nil ? try byTarget(disk.target) : named
    guard let path = found else {
      guard let source else { throw withoutImage(disk) }
      throw SourceLocator.missing(disk.target, source, in: file.path)
    }
    // What was a device is a file now, and says itself what it is: by its name where that says raw, which anything may be.
    let claimed = disk.type == "file" ? disk.format : path.hasSuffix(".raw") ? .raw : nil
    let layers = try DiskChain.parents(of: path, format: claimed, within: folder)
    return try await DiskChain.resolve(layers, within: folder, known: &known)
  }

  /// Left out, another disk would be started from, or the guest would miss one: neither is the machine that was backed up.
  private func withoutImage(_ disk: LibvirtDisk) -> AscendError {
    let target = disk.target.prefix(80)
    return unsupported(
      "disk \(target)",
      disk.isOfHost
        ? "it is a device of the host (\(disk.type)), whose data is not in the backup"
        : "the domain names no image of it",
      remedy: "Put its data beside the domain as \(target).raw, or take the disk out of the domain's XML")
  }

  private func unsupported(_ what: String, _ cause: String, remedy: String) -> AscendError {
    AscendError(
      "backup.unsupported", "The \(what) of the machine cannot be restored", object: file.path, cause: cause,
      remedy: remedy)
  }

  /// A file named after the disk, `vda.qcow2`: what copies devices and volumes away has no better name.
  private func byTarget(_ target: String) throws(AscendError) -> String? {
    guard Confinement.isPlainName(target) else { return nil }
    for suffix in ["qcow2", "raw", "img"] {
      if let found = try SourceLocator(folder).find("\(target).\(suffix)") { return found }
    }
    return nil
  }
}
