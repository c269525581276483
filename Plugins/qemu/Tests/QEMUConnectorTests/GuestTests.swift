import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import QEMUConnector

/// Boots real guests, as the lab makes them.
@Suite(.serialized) struct GuestTests {
  private func boot(
    _ image: String, controller: String, format: String, in scratch: Scratch
  ) async throws -> [MachineVerify.CheckResult] {
    let size = Int64(try Descriptor.open(image, O_RDONLY).status(image).st_size)
    let export = try Export(image, in: scratch)
    let job = Plans.job()
    let host = try await TestHost(scratch, job: job)
    let plan = try await host.plan(
      Plans.request(
        job: job, size: size, allocated: Images.allocated(image), format: format, controller: controller,
        machine: Plans.machine(memoryBytes: 768 * mebibyte)))
    _ = try await host.prepare(plan)
    let disk = try await host.receive(plan, TestHost.nbd(export, size: size))
    let machine = try await host.create(plan, disk.disk)
    _ = try await host.power(machine, .on)
    let results: [MachineVerify.CheckResult]
    do { results = try await host.verify(machine, ["powered", "bootlog", "screenshot"]) } catch {
      _ = try await host.rollBack()
      throw error
    }
    #expect(try await host.rollBack() == [.deleted])
    #expect(results.map(\.kind) == ["powered", "bootlog", "screenshot"])
    #expect(results[0].pass && results[2].pass)
    return results
  }

  @Test(
    .tags(.guest), .timeLimit(.minutes(12)),
    .enabled(if: LabFolder.guest("guest.raw") != nil, "needs ASCEND_LAB with guest.raw, and no ASCEND_TEST_FAST"))
  func `a guest without the driver is told from one that is up`() async throws {
    let image = try #require(LabFolder.guest("guest.raw"))
    let scratch = try Scratch()
    let results = try await boot(image, controller: "virtio-blk", format: "raw", in: scratch)
    #expect(!results[1].pass)
    #expect(results[1].detail.contains("did not find its root disk"))
    let log = try String(contentsOfFile: try #require(results[1].evidence), encoding: .utf8)
    #expect(log.contains("Gave up waiting for root"))
  }

  @Test(
    .tags(.guest), .timeLimit(.minutes(12)),
    .enabled(
      if: LabFolder.guest("guest-most.raw") != nil, "needs ASCEND_LAB with guest-most.raw, and no ASCEND_TEST_FAST"))
  func `a guest that has its driver is up`() async throws {
    let image = try #require(LabFolder.guest("guest-most.raw"))
    let scratch = try Scratch()
    let results = try await boot(image, controller: "nvme", format: "qcow2", in: scratch)
    #expect(results[1].pass, "\(results[1].detail)")
    #expect(results[1].detail.contains("login:"))
  }
}
