import ConnectorProtocol
import ConnectorTesting
import Foundation
import Testing

@testable import VMwareConnector

@Suite(.tags(.simulator), .enabled(if: Simulator.isBuilt, "needs scripts/make-vcsim"))
struct RollbackTests {
  static let size = 2 * Images.mebibyte

  private func restored(_ simulator: Simulator) async throws -> (TestHost, Resource, VimClient) {
    let host = try await TestHost(simulator.connection())
    let raw = host.work.file("disk.raw")
    try Images.make(raw, size: Self.size, data: [(0, 1)])
    let export = try Export(raw, in: host.work)
    _ = try await host.restore(
      Requests.request(host.job, name: "mine", sizes: [Self.size]), [export], sizes: [Self.size])
    let made = try #require(try await host.found().first)
    let web = WebClient(base: simulator.url, trust: .init(caFile: simulator.certificate))
    return (host, made, try await VimClient.connect(web, .password(user: Simulator.user, Simulator.password)))
  }

  @Test func whatWasRenamedIsSomebodysAndStays() async throws {
    let simulator = try await Simulator()
    let (host, made, client) = try await restored(simulator)
    let machine = try #require(made.remoteID.flatMap(MoRef.init(id:)))
    try await client.perform(
      "ReconfigVM_Task", on: machine,
      ["spec": .object(VimObject("VirtualMachineConfigSpec", ["name": "production"]))])
    let result = try await host.delete([made])
    #expect(result.map(\.state) == [.foreign])
    #expect(result[0].why?.contains("production") == true)
  }

  @Test func whatRunsIsSwitchedOff() async throws {
    let simulator = try await Simulator()
    let (host, made, client) = try await restored(simulator)
    let machine = try #require(made.remoteID.flatMap(MoRef.init(id:)))
    try await client.perform("PowerOnVM_Task", on: machine)
    #expect(try await host.delete([made]).map(\.state) == [.deleted])
    #expect(try await host.delete([made]).map(\.state) == [.absent])
  }

  @Test func whatWasOnlyAnnouncedIsFoundByItsName() async throws {
    let simulator = try await Simulator()
    let (host, made, _) = try await restored(simulator)
    let plan = try await host.plan(Requests.request(host.job, name: "mine", sizes: [Self.size]))
    var announced = Resources(plan: try PlanState.read(plan)).machine
    announced.remoteID = nil
    #expect(made.name == announced.name)
    #expect(try await host.delete([announced]).map(\.state) == [.deleted])
    #expect(try await host.delete([announced]).map(\.state) == [.absent])
  }

  /// A process that ended between taking a disk from its carrier and giving it to the machine.
  @Test func aDiskBetweenTwoMachinesIsTakenUpAgainOrRemoved() async throws {
    for finishes in [true, false] {
      let simulator = try await Simulator()
      let host = try await TestHost(simulator.connection(["datastore": "LocalDS_0"]))
      var exports: [Export] = []
      for index in 0..<2 {
        let raw = host.work.file("disk\(index).raw")
        try Images.make(raw, size: Self.size, data: [(0, 1)])
        exports.append(try Export(raw, in: host.work))
      }
      let plan = try await host.plan(Requests.request(host.job, name: "mine", sizes: [Self.size, Self.size]))
      var received: [DiskReceive.Result] = []
      for index in 0..<2 {
        received.append(try await host.receive(plan, index, TestHost.nbd(exports[index], size: Self.size)))
      }
      let web = WebClient(base: simulator.url, trust: .init(caFile: simulator.certificate))
      let client = try await VimClient.connect(web, .password(user: Simulator.user, Simulator.password))
      let state = try PlanState.read(plan)
      let store = MachineStore(client: client)
      let editor = MachineEditor(client: client, plan: state)
      let carrier = try #require(
        try await store.own(Resources(plan: state).carrier(1).name, state, role: .carrier(1)))
      let disk = try #require(try await editor.disks(of: carrier.reference).first)
      let machine = try #require(try await store.own("mine", state, role: .machine))
      let target = editor.target(state.disks[1], machine)
      try await store.update(
        carrier.reference,
        extraConfig: [Mark.entry(Mark.file, disk.file?.description ?? ""), Mark.entry(Mark.target, target.description)])
      try await editor.detach(disk, from: carrier.reference)
      if finishes {
        _ = try await host.create(plan, received)
        #expect(try await editor.disks(of: machine.reference).map(\.file?.description).contains(target.description))
        #expect(try await host.rollBack() == [.deleted])
      } else {
        #expect(try await Set(host.rollBack()) == [.deleted])
        let gone = await #expect(throws: VimFault.self) {
          try await client.perform(
            "DeleteVirtualDisk_Task", on: try #require(client.content.virtualDiskManager),
            [
              "name": .text(disk.file?.description ?? ""),
              "datacenter": state.placement.map { .reference($0.datacenter) },
            ])
        }
        #expect(gone?.name == "FileNotFound")
      }
    }
  }
}
