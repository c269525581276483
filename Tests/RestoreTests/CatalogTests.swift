import Backups
import ConnectorProtocol
import Disks
import Foundation
import GRDB
import Support
import Testing

@testable import Restore

/// A catalog with a backup of three restore points.
final class CatalogFixture {
  let folder = NSTemporaryDirectory() + "catalog-\(UUID().uuidString)"
  let store: Store

  init() throws {
    store = try Store(path: StateDirectory(path: folder).database)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func disks(_ layers: Int) -> [BackupDisk] {
    let images = (0..<layers).map { ImageLayer(path: "/backups/web/\($0).qcow2", format: .qcow2) }
    return [BackupDisk(index: 0, chain: DiskChain(layers: images, virtualSizeBytes: Int64(layers) << 20))]
  }

  @discardableResult
  func add(_ name: String, machine: String? = nil, points: [String] = [], path: String? = nil) throws -> BackupRecord {
    let description = MachineDescription(
      name: name, cpu: .init(count: 1), memoryBytes: 1 << 30,
      disks: [.init(index: 0, name: "d", sizeBytes: 3 << 20, boot: true)])
    return try store.addBackup(
      Backup(
        name: name, platform: "elsewhere", kind: "manifest", path: path ?? "/backups/\(name)", machine: description,
        disks: Self.disks(max(1, points.count)),
        points: points.enumerated().map { RestorePoint(id: $1, name: "\($1)-name", disks: Self.disks($0 + 1)) },
        options: ReadOptions(machine: machine)), fingerprint: "f")
  }
}

@Suite struct CatalogTests {
  @Test func aRestorePointIsNamedBehindTheBackup() throws {
    let fixture = try CatalogFixture()
    let record = try fixture.add("web", points: ["mon", "tue", "wed"])
    for reference in ["web", record.id, "/backups/web", "web@wed", "web@wed-name"] {
      let found = try fixture.store.backup(reference)
      #expect(found.id == record.id)
      #expect(found.point == nil)
      #expect(found.label == "web")
      #expect(found.backup.disks[0].chain.layers.count == 3)
    }
    for reference in ["web@mon", "\(record.id)@mon", "/backups/web@mon", "web@mon-name"] {
      let found = try fixture.store.backup(reference)
      #expect(found.id == record.id)
      #expect(found.point == "mon")
      #expect(found.label == "web@mon")
      #expect(found.backup.disks[0].chain.layers.count == 1)
      #expect(found.backup.machine.disks[0].sizeBytes == 1 << 20)
      #expect(found.virtualSizeBytes == 1 << 20)
      // The same files, whichever point is looked at.
      #expect(
        found.backup.images == record.backup.images.sorted { $0.path < $1.path } || found.backup.images.count == 3)
    }
    for (reference, code) in [
      ("web@sun", "backup.pointUnknown"), ("other@mon", "backup.unknown"), ("@mon", "backup.unknown"),
    ] {
      let error = #expect(throws: AscendError.self) { try fixture.store.backup(reference) }
      #expect(error?.code.rawValue == code)
    }
    #expect(throws: AscendError.self) { try fixture.store.backup("web@mon", points: false) }
    // A name that holds the sign itself is found whole.
    let odd = try fixture.add("web@mon")
    #expect(try fixture.store.backup("web@mon").id == odd.id)
  }

  @Test func whatIsKnownOfAPointStaysWithIt() throws {
    let fixture = try CatalogFixture()
    let record = try fixture.add("web", points: ["mon", "tue"])
    try fixture.store.rememberGuest(GuestFacts(understood: true, hostname: "new"), of: record.id)
    try fixture.store.rememberGuest(GuestFacts(understood: true, hostname: "old"), of: record.id, at: "mon")
    try fixture.store.rememberContents(
      [
        ContentRecord(index: 0, digest: "a", sizeBytes: 1),
        ContentRecord(index: 0, digest: "b", sizeBytes: 1, point: "mon"),
      ],
      of: record.id)
    let newest = try fixture.store.backup("web")
    let oldest = try fixture.store.backup("web@mon")
    #expect(newest.guest?.hostname == "new")
    #expect(oldest.guest?.hostname == "old")
    #expect(newest.content(of: 0)?.digest == "a")
    #expect(oldest.content(of: 0)?.digest == "b")
    #expect(try fixture.store.backup("web@tue").guest?.hostname == "new")
    // The first reading stays, for each point by itself.
    try fixture.store.rememberContents(
      [ContentRecord(index: 0, digest: "c", sizeBytes: 1, point: "mon")], of: record.id)
    #expect(try fixture.store.backup("web@mon").content(of: 0)?.digest == "b")
    #expect(
      try JSONDecoder().decode(ContentRecord.self, from: JSONEncoder().encode(try #require(oldest.content(of: 0))))
        .point == "mon")
  }

  @Test func theListCountsDisksAndPoints() throws {
    let fixture = try CatalogFixture()
    try fixture.add("web", points: ["mon", "tue", "wed"])
    try fixture.add("mail")
    let list = try fixture.store.backupList()
    #expect(list.map(\.name) == ["web", "mail"])
    #expect(list.map(\.disks) == [1, 1])
    #expect(list.map(\.points) == [3, 1])
    // Added again with fewer points: the counts follow.
    try fixture.add("web", points: ["wed"])
    #expect(try fixture.store.backupList().map(\.points) == [1, 1])
  }

  @Test func machinesOfOneDocumentAreBackupsOfTheirOwn() throws {
    let fixture = try CatalogFixture()
    let one = try fixture.add("one", machine: "i-1", path: "/backups/all.json")
    let two = try fixture.add("two", machine: "i-2", path: "/backups/all.json")
    #expect(one.id != two.id)
    #expect(try fixture.add("one", machine: "i-1", path: "/backups/all.json").id == one.id)
    #expect(try fixture.store.backupList().count == 2)
  }

  @Test func aCatalogOfAnEarlierVersionIsCounted() throws {
    let folder = NSTemporaryDirectory() + "catalog-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = try StateDirectory(path: folder).database
    let queue = try DatabaseQueue(path: path)
    try Migrations.migrator.migrate(queue, upTo: "2-contents-limits")
    try queue.write { db in
      try db.execute(
        sql: """
          INSERT INTO backup_jobs (id, name, source_platform, kind, path, added_at, virtual_size_bytes, backup, fingerprint)
          VALUES ('1', 'old', 'p', 'ova', '/o', '2026-01-01T00:00:00Z', 5, '{"disks": [1, 2]}', 'f')
          """)
    }
    try queue.close()
    let list = try Store(path: path).backupList()
    #expect(list.map(\.disks) == [2])
    #expect(list.map(\.points) == [1])
  }

  /// Or every backup would seem to have changed.
  @Test func digestsByAnEarlierDefinitionAreForgotten() throws {
    let fixture = try CatalogFixture()
    let record = try fixture.add("web")
    let path = try StateDirectory(path: fixture.folder).database
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in
      try db.execute(
        sql: """
          UPDATE backup_jobs SET contents = '[{"index": 0, "digest": "ascend1:00", "sizeBytes": 1, "recordedAt": "2026-01-01T00:00:00Z"}]'
          """)
      try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier LIKE '5-%'")
    }
    try queue.close()
    #expect(try fixture.store.backup("web").contents?.count == 1)
    #expect(try Store(path: path).backup(record.id).contents == nil)
  }
}

@Suite struct GuestCompletionTests {
  private let facts = GuestFacts(
    understood: true, family: "linux", distribution: "debian", productName: "Debian GNU/Linux 12", firmware: .uefi,
    bootDisk: 1,
    interfaces: [
      .init(name: "lo", source: "ifupdown"),
      .init(name: "ens3", addresses: ["10.0.0.5/24"], mac: "52:54:00:00:00:01", source: "ifupdown"),
      .init(name: "ens3", source: "netplan"),
    ])

  @Test func theGuestSaysWhatNobodyElseDid() {
    let completed = GuestCompletion.options(ReadOptions(cpus: 2), from: facts)
    #expect(completed.cpus == 2)
    #expect(completed.memoryBytes == nil)
    #expect(completed.firmware == .uefi)
    #expect(completed.guest == "Debian GNU/Linux 12")
    #expect(completed.bootDisk == 1)
    #expect(completed.nics == [.init(index: 0, mac: "52:54:00:00:00:01", addresses: ["10.0.0.5/24"])])
    let finding = GuestCompletion.findings(facts, ReadOptions(), completed: completed).joined()
    #expect(finding.contains("Debian") && finding.contains("uefi") && finding.contains("disk 1"))
  }

  @Test func whatWasSaidStands() {
    let said = ReadOptions(firmware: .bios, guest: "windows", bootDisk: 0, nics: [])
    #expect(GuestCompletion.options(said, from: facts) == said)
    #expect(GuestCompletion.findings(facts, said, completed: said).isEmpty)
  }

  @Test func aGuestThatIsNotUnderstoodIsSaid() {
    let unknown = GuestFacts(understood: false, reason: "encrypted")
    #expect(GuestCompletion.options(ReadOptions(), from: unknown) == ReadOptions())
    #expect(
      GuestCompletion.findings(unknown, ReadOptions(), completed: ReadOptions()).first?.contains("encrypted") == true)
  }
}
