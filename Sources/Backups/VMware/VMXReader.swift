import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads a VMX configuration, its disks with the snapshots under them, and the list of the snapshots.
struct VMXReader: BackupSource {
  var folder: String
  var file: BackupFile
  var options: ReadOptions

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let configuration = try parse(file)
    try refuseEncrypted(configuration)
    let hardware: VMXHardware
    do { hardware = try VMXHardware(configuration) } catch {
      throw AscendError(
        "backup.unsupported", "The device \(error.device) of the machine cannot be restored", object: file.path,
        cause: error.why, remedy: "Take it out of the configuration, and back its data up by itself")
    }
    let read: VMXMachine
    let name = (file.name as NSString).deletingPathExtension
    do {
      read = try VMXMachine(configuration, hardware, fallbackName: name, options: options)
    } catch { throw malformed(file, error.reason) }
    var findings = read.findings + [DigestCheck.noDigests]
    let places = hardware.disks.map { (node: $0.node, file: $0.file) }
    let disks = VMXDisks(folder: folder, object: file.path)
    var known = CheckedChains()
    let (machine, chains) = try await disks.read(places, into: read.machine, boot: hardware.bootNode, &known)
    var points = try await points(configuration, read.machine, hardware, machine, chains, &known, &findings)
    if points.isEmpty {
      points = try await ChainPoints.of(chains, within: folder, known: &known, findings: &findings)
    }
    return Backup(
      name: machine.name, platform: "vmware", product: read.product, kind: .vmx, path: file.path, machine: machine,
      disks: chains, losses: read.losses, findings: findings, points: points)
  }

  /// The snapshots, and the machine as it was last; nothing where there are no snapshots.
  private func points(
    _ configuration: VMXFile, _ plain: MachineDescription, _ hardware: VMXHardware, _ now: MachineDescription,
    _ current: [BackupDisk], _ known: inout CheckedChains, _ findings: inout [String]
  ) async throws(AscendError) -> [RestorePoint] {
    let own = (file.name as NSString).deletingPathExtension + ".vmsd"
    guard let list = try snapshotList(configuration["extendedConfigFile"], own) else { return [] }
    let read = VMXSnapshots(try parse(list))
    findings += read.findings
    let disks = VMXDisks(folder: folder, object: list.path)
    var points: [RestorePoint] = []
    for snapshot in read.snapshots {
      do {
        let (machine, chains) = try await disks.read(snapshot.disks, into: plain, boot: hardware.bootNode, &known)
        points.append(
          RestorePoint(
            id: "snapshot-\(snapshot.uid)", name: snapshot.name, takenAt: snapshot.takenAt.map(Timestamp.text),
            parent: snapshot.parent.map { "snapshot-\($0)" }, machine: machine, disks: chains))
      } catch  where ["backup.diskMissing", "disk.parentMissing"].contains(error.code) {
        findings.append(
          "The snapshot \"\((snapshot.name ?? snapshot.uid).prefix(80))\" cannot be restored: \(error.message)")
      }
    }
    guard !points.isEmpty else { return [] }
    findings.append(
      "Of a snapshot the disks are restored; processors, memory and devices are those of the machine today")
    let parent = try parse(list)["snapshot.current"].map { "snapshot-\($0)" }
    points.append(RestorePoint(id: "current", parent: parent, machine: now, disks: current))
    return points
  }

  private func snapshotList(_ named: String?, _ own: String) throws(AscendError) -> BackupFile? {
    for name in [named, own].compactMap(\.self) where Confinement.isPlainName(name) {
      if let file = try FolderFiles(folder: folder).file(name), file.length > 0 { return file }
    }
    return nil
  }

  private func parse(_ file: BackupFile) throws(AscendError) -> VMXFile {
    let bytes = try file.contents(limit: VMXFile.longest)
    do { return try VMXFile.parse(bytes) } catch { throw malformed(file, error.reason) }
  }

  private func refuseEncrypted(_ file: VMXFile) throws(AscendError) {
    guard file.values.keys.contains(where: { $0.hasPrefix("encryption.") || $0 == "datafilekey" }) else { return }
    throw AscendError(
      "backup.encrypted", "The machine is encrypted", object: self.file.path,
      cause: "its configuration names keys that only its own platform holds",
      remedy: "Remove the encryption where the machine is (for a virtual TPM: remove the TPM), and copy it again")
  }

  private func malformed(_ file: BackupFile, _ reason: String) -> AscendError {
    AscendError(
      "backup.descriptorMalformed", "The configuration \(file.name) cannot be used", object: file.path, cause: reason,
      remedy: "Copy the machine's folder again")
  }
}

/// Finds the images of a VMX configuration's disks and puts them into the description.
struct VMXDisks {
  var folder: String
  /// The file that names the disks.
  var object: String

  func read(
    _ places: [(node: String, file: String)], into plain: MachineDescription, boot: String?,
    _ known: inout CheckedChains
  ) async throws(AscendError) -> (MachineDescription, [BackupDisk]) {
    var machine = plain
    var disks: [BackupDisk] = []
    let bootIndex = places.firstIndex { $0.node == boot } ?? 0
    for (index, place) in places.enumerated() {
      guard let path = try SourceLocator(folder).find(place.file) else {
        throw SourceLocator.missing(place.node, place.file, in: object)
      }
      let chain = try await DiskChain.resolve(
        DiskChain.parents(of: path, format: .vmdk, within: folder), within: folder, known: &known)
      let parts = place.node.split(separator: ":")
      machine.disks.append(
        .init(
          index: index, name: place.node, sizeBytes: chain.virtualSizeBytes, boot: index == bootIndex,
          controller: parts.first.map(String.init), unit: parts.last.flatMap { Int($0) }))
      disks.append(BackupDisk(index: index, chain: chain))
    }
    return (machine, disks)
  }
}
