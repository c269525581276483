import ConnectorProtocol
import Foundation
import Support
import Testing

@testable import Restore

/// What jobs may take: a job's own limits and its share of the host's, changed by whatever process.
@Suite struct LimitsTests {
  @Test func theLesserCounts() {
    let host = HostLimits(bytesPerSecond: 90, jobs: nil, connections: 4)
    let job = JobLimits(bytesPerSecond: 50, connections: 8)
    #expect(host.share(for: job, transferring: 1) == LimitsNotification(bytesPerSecond: 50, connections: 4))
    #expect(host.share(for: job, transferring: 3) == LimitsNotification(bytesPerSecond: 30, connections: 4))
    // A share of nothing would be no limit at all.
    #expect(HostLimits(bytesPerSecond: 2).share(for: JobLimits(), transferring: 5).bytesPerSecond == 1)
    #expect(HostLimits().share(for: job, transferring: 9) == LimitsNotification(bytesPerSecond: 50, connections: 8))
    #expect(HostLimits().share(for: JobLimits(), transferring: 1) == LimitsNotification())
  }

  @Test func whatOneProcessChangesAnotherSees() throws {
    let fixture = try StoreFixture()
    let other = try Store(path: StateDirectory(path: fixture.folder).database)
    #expect(try fixture.store.hostLimits() == HostLimits())
    try other.updateHostLimits { $0.bytesPerSecond = 1 << 20 }
    try other.updateHostLimits { $0.jobs = 3 }
    try other.updateJob(fixture.job.id) {
      $0.bandwidthLimit = 4096
      $0.connectionLimit = 2
      $0.status = .uploading
    }
    let seen = try fixture.store.limits(of: fixture.job.id)
    #expect(seen.job == JobLimits(bytesPerSecond: 4096, connections: 2))
    #expect(seen.host == HostLimits(bytesPerSecond: 1 << 20, jobs: 3))
    #expect(seen.transferring == [fixture.job.id])
    try other.updateHostLimits { $0.bytesPerSecond = nil }
    #expect(try fixture.store.hostLimits() == HostLimits(jobs: 3))
  }

  @Test func asManyJobsAsMayRun() throws {
    let folder = NSTemporaryDirectory() + "slots-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var held = try [JobSlot.take(in: folder, limit: 2), JobSlot.take(in: folder, limit: 2)].compactMap(\.self)
    #expect(held.count == 2)
    #expect(try JobSlot.take(in: folder, limit: 2) == nil)
    // Raised, lifted, and lowered while they run: nobody is thrown out.
    var third = try JobSlot.take(in: folder, limit: 3)
    #expect(third != nil)
    #expect(try JobSlot.take(in: folder, limit: nil) != nil)
    #expect(try JobSlot.take(in: folder, limit: 1) == nil)
    third = nil
    #expect(try JobSlot.take(in: folder, limit: 2) == nil)
    held.removeFirst()
    #expect(try JobSlot.take(in: folder, limit: 2) != nil)
    held.removeAll()
  }
}
