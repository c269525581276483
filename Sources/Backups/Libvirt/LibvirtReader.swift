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
    var losses = domain.losses
    var kept: [LibvirtDisk] = []
    var chains: [DiskChain] = []
    for disk in domain.disks {
      guard let chain = try await chain(of: disk, &losses) else { continue }
      kept.append(disk)
      chains.append(chain)
    }
    return Backup(
      name: domain.name, platform: "libvirt", product: domain.identity.source["libvirt:machine"], kind: .libvirt,
      path: file.path, machine: domain.machine(kept, sizes: chains.map(\.virtualSizeBytes)),
      disks: chains.enumerated().map { BackupDisk(index: $0, chain: $1) }, losses: losses,
      findings: domain.findings + [DigestCheck.noDigests])
  }

  private func chain(of disk: LibvirtDisk, _ losses: inout [Loss]) async throws(AscendError) -> DiskChain? {
    guard !disk.isEncrypted else {
      throw AscendError(
        "backup.encrypted", "The disk \(disk.target) is encrypted by the host that it was on", object: file.path,
        remedy: "Decrypt it there, and back it up again")
    }
    let named = try disk.source.flatMap { (source) throws(AscendError) in try SourceLocator(folder).find(source) }
    let found = named == nil ? try byTarget(disk.target) : named
    guard let path = found else {
      guard let source = disk.source else {
        losses.append(Loss(property: "domain/devices/disk \(disk.target)", why: "The domain names no image of it"))
        return nil
      }
      throw SourceLocator.missing(disk.target, source, in: file.path)
    }
    // What was a device is a file now, and says itself what it is.
    let claimed = disk.type == "file" ? disk.format : nil
    let layers = try DiskChain.parents(of: path, format: claimed, within: folder)
    return try await DiskChain.resolve(layers, within: folder)
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
