import ConnectorProtocol
import Disks
import Foundation
import Support

/// Reads the folders of a CloudStack backup repository, each of which is a restore point of one machine.
struct CloudStackBackupReader: BackupSource {
  let location: BackupLocation
  /// The backups' folders in the location's, sorted, which is the order in which they were taken; empty for itself.
  let backups: [String]

  private struct State {
    var id: String
    var takenAt: Date?
    var domain: LibvirtDomain
    var machine: MachineDescription
    var disks: [BackupDisk]
    var findings: [String]
  }

  func read(checkDigests: Bool, progress: @escaping BackupReader.Progress) async throws(AscendError) -> Backup {
    let shelf = try ImageShelf(location.folder)
    let digests = try ChecksumFiles.digests(location, of: shelf)
    if checkDigests { try await DigestCheck.checkAll(digests, progress) }
    var findings: [String] = []
    guard let last = backups.last else { throw malformed("", "it holds no backup") }
    var known = CheckedChains()
    let newest = try await state(last, shelf, countAllocated: true, &known)
    var states: [State] = []
    for name in backups.dropLast() {
      do throws(AscendError) {
        let state = try await state(name, shelf, countAllocated: false, &known)
        guard state.domain.identity.uuid == newest.domain.identity.uuid else {
          throw malformed(name, "it is of another machine, \(state.domain.name.prefix(100))")
        }
        states.append(state)
      } catch {
        guard error.code != "cancelled" else { throw error }
        findings.append("The restore point \(name.prefix(100)) cannot be used: \(error)")
      }
    }
    states.append(newest)
    findings += newest.domain.findings + newest.findings
    if digests.isEmpty { findings.append(DigestCheck.noDigests) }
    let points = states.enumerated().map { place, state in
      RestorePoint(
        id: state.id, takenAt: state.takenAt.map(Timestamp.text), parent: place > 0 ? states[place - 1].id : nil,
        machine: state.machine, disks: state.disks)
    }
    return Backup(
      name: newest.machine.name, platform: CloudStackDialect.platform, product: "NAS backup", kind: .cloudStackBackup,
      path: location.path, takenAt: newest.takenAt, machine: newest.machine, disks: newest.disks,
      losses: newest.domain.losses, findings: findings, digests: digests, points: points.count > 1 ? points : [])
  }

  private func state(_ name: String, _ shelf: ImageShelf, countAllocated: Bool, _ known: inout CheckedChains)
    async throws(AscendError) -> State
  {
    let prefix = name.isEmpty ? "" : name + "/"
    let domain = try domain(prefix)
    var own = shelf
    own.images = shelf.images.filter { image in
      image.name.hasPrefix(prefix) && !image.name.dropFirst(prefix.count).contains("/")
    }
    var matcher = DiskMatcher(shelf: own, object: location.folder + "/" + prefix + CloudStackBackupFormat.domainFile)
    let copies = try matcher.match(domain.disks.map(draft))
    var disks: [BackupDisk] = []
    for (index, copies) in copies.enumerated() {
      guard let copy = copies.copies.last else { continue }
      let chain = try await DiskChain.resolve(
        copy.layers, within: location.folder, countAllocated: countAllocated, known: &known)
      disks.append(BackupDisk(index: index, chain: chain))
    }
    guard !disks.isEmpty else { throw malformed(name, "its machine has no disks") }
    var machine = domain.machine(sizes: disks.map(\.chain.virtualSizeBytes))
    machine.name = MachineDraft.clean(machine.name, or: "machine")
    let folder = name.isEmpty ? (location.folder as NSString).lastPathComponent : name
    return State(
      id: folder, takenAt: Self.date(folder), domain: domain, machine: machine, disks: disks,
      findings: matcher.findings)
  }

  /// The volume's path is the last part of where the disk was; the first disk's image is called root besides.
  private func draft(_ disk: LibvirtDisk) -> DiskDraft {
    var draft = DiskDraft(label: "disk \(disk.target)", identifiers: [])
    draft.identifiers = [disk.source.map(DraftTools.last), disk.serial, disk.boots ? "root" : nil].compactMap(\.self)
    return draft
  }

  private func domain(_ prefix: String) throws(AscendError) -> LibvirtDomain {
    let name = prefix + CloudStackBackupFormat.domainFile
    guard let file = try location.files.file(name) else { throw malformed(prefix, "\(name) is gone") }
    do { return try LibvirtDomain.parse(try file.contents(limit: XMLTree.longest)) } catch let error
      as LibvirtDomain.Malformed
    {
      throw malformed(prefix, "\(name): \(error.reason)")
    } catch {
      throw AscendError.wrapping(error, as: "backup.descriptorMalformed", "The libvirt domain cannot be used")
    }
  }

  private func malformed(_ name: String, _ cause: String) -> AscendError {
    AscendError(
      "backup.descriptorMalformed", "The backup of the repository cannot be used", object: location.folder + "/" + name,
      cause: cause, remedy: "Copy the backup's folder again, with all of its files")
  }

  /// `2026.01.31.23.59.07`, by the clock of the platform's hosts, which are taken to run in UTC.
  static func date(_ name: String) -> Date? {
    let parts = name.split(separator: ".")
    guard parts.count == 6, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
    return Timestamp.date("\(parts[0])-\(parts[1])-\(parts[2])T\(parts[3]):\(parts[4]):\(parts[5])Z")
  }
}
