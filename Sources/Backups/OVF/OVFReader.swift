import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads an OVF descriptor and the files it names, from a folder or in place inside an archive.
struct OVFReader: BackupSource {
  var files: any BackupFiles
  var descriptor: BackupFile
  var kind: Backup.Kind
  /// What the user named: the archive or the descriptor.
  var path: String
  var takenAt: Date?
  /// The manifest's name, where one is there.
  var manifest: String?
  var options = ReadOptions()

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let package = try parse()
    let hardware: OVFHardware
    do throws(OVFHardware.Malformed) { hardware = try OVFHardware(package.items) } catch {
      throw malformed(error.reason)
    }
    let system = OVFSystem(package, fallbackName: (path as NSString).lastPathComponent)
    let (digests, notes) = try await readManifest(checkDigests, progress)
    var findings = package.findings + hardware.findings + notes
    var losses = hardware.losses + OVFLosses.system(package)
    let reader = OVFDiskReader(package: package, files: files, object: path)
    var known = CheckedChains()
    let found = try await reader.read(hardware.disks, &known, &losses, &findings)
    var firmware = system.firmware
    firmware.tpm = hardware.tpm
    let disks = found.enumerated().map { BackupDisk(index: $0, chain: $1.chain) }
    let points = try await ChainPoints.of(
      disks, within: files.folder, describedAs: found.first?.names ?? [], known: &known, findings: &findings)
    let boot = found.firstIndex { $0.reference.item.instance == system.bootInstance } ?? 0
    let machine = MachineDescription(
      name: system.name, cpu: hardware.cpu, memoryBytes: hardware.memoryBytes, firmware: firmware,
      controllers: hardware.controllers,
      disks: found.enumerated().map { index, disk in
        .init(
          index: index, name: disk.reference.item.name ?? "Disk \(index + 1)", sizeBytes: disk.chain.virtualSizeBytes,
          boot: index == boot, controller: disk.reference.controller?.id, unit: disk.reference.unit)
      }, nics: hardware.nics, guest: system.guest, identity: system.identity, notes: system.notes)
    return Backup(
      name: system.name, platform: system.platform, product: system.product, kind: kind, path: path, takenAt: takenAt,
      machine: machine, disks: disks, losses: losses, findings: findings, digests: digests, points: points)
  }

  private func parse() throws(AscendError) -> OVFPackage {
    let bytes = try descriptor.contents(limit: XMLTree.longest)
    let root: XMLNode
    do { root = try XMLTree.parse(bytes) } catch { throw malformed(error.reason) }
    do {
      return try OVFPackage.read(root, machine: options.machine, configuration: options.configuration)
    } catch {
      throw AscendError(
        error.code, "The descriptor \(descriptor.name) cannot be used", object: path, cause: error.reason,
        remedy: error.remedy)
    }
  }

  private func readManifest(_ check: Bool, _ progress: @escaping BackupReader.Progress) async throws(AscendError)
    -> ([RecordedDigest], [String])
  {
    guard let manifest, let file = try files.file(manifest) else {
      return ([], ["The backup has no manifest: nothing tells whether its files are as they were written"])
    }
    let parsed: DigestManifest
    let bytes = try file.contents(limit: DigestManifest.longest)
    do { parsed = try DigestManifest.parse(bytes) } catch {
      throw AscendError(
        "backup.manifestMalformed", "The backup's manifest \(manifest) is not valid", object: path, cause: error.reason,
        remedy: "Copy the backup again")
    }
    var (digests, findings) = try DigestCheck.join(parsed, files, path)
    if !digests.contains(where: { $0.member == descriptor.name }) {
      findings.append("The manifest holds no digest of the descriptor \(descriptor.name)")
    }
    if check { try await DigestCheck.checkAll(digests, progress) }
    return (digests, findings)
  }

  private func malformed(_ reason: String) -> AscendError {
    AscendError(
      "backup.descriptorMalformed", "The descriptor \(descriptor.name) cannot be used", object: path, cause: reason,
      remedy: "Export the machine again as OVF 1.x or OVA")
  }
}
