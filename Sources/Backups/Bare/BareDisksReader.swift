import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads disks that nothing describes: the machine is what the options say of it, and what most machines need else.
struct BareDisksReader: BackupSource {
  let location: BackupLocation
  /// Absolute, in the order of the machine.
  var paths: [String]
  /// The folder that no layer may leave.
  var folder: String

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let options = location.options
    var chains: [[ImageLayer]] = []
    for path in paths {
      let format = try BareDisksFormat.image(path)?.format
      chains.append(try DiskChain.parents(of: path, format: format ?? .raw, within: folder))
    }
    let shelf = try ImageShelf(location.folder, only: location.names)
    let digests = try ChecksumFiles.digests(location, of: shelf)
    if checkDigests { try await DigestCheck.checkAll(digests, progress) }
    var findings: [String] = []
    var completion = Completion(options)
    var held: [BackupDisk] = []
    var known = CheckedChains()
    for (index, layers) in chains.enumerated() {
      held.append(
        BackupDisk(index: index, chain: try await DiskChain.resolve(layers, within: folder, known: &known)))
    }
    let points = try await ChainPoints.of(held, within: folder, known: &known, findings: &findings)
    let name = MachineDraft.clean(ownName, or: "machine")
    let boot = options.bootDisk.flatMap { held.indices.contains($0) ? $0 : nil } ?? 0
    let guess = options.firmware == nil && !held.isEmpty ? await FirmwareGuess.of(held[boot].chain) : nil
    let machine = MachineDescription(
      name: name, cpu: completion.cpu(), memoryBytes: completion.memoryBytes(),
      firmware: completion.firmware(guess: guess),
      disks: held.map { disk in
        .init(
          index: disk.index, name: (paths[disk.index] as NSString).lastPathComponent,
          sizeBytes: disk.chain.virtualSizeBytes, boot: disk.index == boot)
      }, nics: completion.nics())
    findings += completion.findings
    if digests.isEmpty { findings.append(DigestCheck.noDigests) }
    return Backup(
      name: name, platform: "unknown", kind: .disks, path: location.path, machine: machine, disks: held,
      findings: findings, digests: digests, points: points)
  }

  private var ownName: String {
    location.isFolder ? location.fileName : (location.fileName as NSString).deletingPathExtension
  }
}
