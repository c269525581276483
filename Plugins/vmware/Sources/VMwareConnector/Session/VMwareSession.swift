public import ConnectorKit
public import ConnectorProtocol

/// A conversation about one server, or one folder of OVA files.
public struct VMwareSession: ConnectorSession {
  /// What does the work: they share nothing but the requests.
  enum Work: Sendable {
    case server(ServerWork)
    case export(ExportWork)
  }

  let work: Work

  public func check(_ request: SessionCheck) async throws -> SessionCheck.Result {
    switch work {
    case .server(let server): try await server.check()
    case .export(let export): export.check()
    }
  }

  public func list(_ request: InventoryList) async throws -> InventoryList.Result {
    switch work {
    case .server(let server): try await server.list(request)
    case .export(let export): try export.list(request)
    }
  }

  public func preflight(_ request: PlanPreflight) async throws -> PlanPreflight.Result {
    switch work {
    case .server(let server): try await server.preflight(request)
    case .export(let export): try await export.preflight(request)
    }
  }

  public func estimate(_ request: PlanEstimate) async throws -> PlanEstimate.Result {
    Estimate.make(try PlanState.read(request.plan))
  }

  /// Nothing is made before bytes come: an import that waits for them would be given up by the server.
  public func prepare(_ request: DiskPrepare, _ operation: OperationContext) async throws -> DiskPrepare.Result {
    let plan = try PlanState.read(request.plan, job: request.job, delivery: delivery)
    let disk = try plan.disk(request.index)
    return DiskPrepare.Result(
      target: ["index": .integer(Int64(disk.index))],
      ingest: DiskPrepare.Ingest(want: "nbd", requestBytes: 512 << 10, parallel: 4))
  }

  public func receive(_ request: DiskReceive, _ operation: OperationContext) async throws -> DiskReceive.Result {
    let plan = try PlanState.read(request.plan, job: request.job, delivery: delivery)
    let disk = try plan.disk(request.index)
    switch work {
    case .server(let server): return try await server.receive(plan, disk, request, operation)
    case .export(let export): return try await export.receive(plan, disk, request, operation)
    }
  }

  public func create(_ request: MachineCreate, _ operation: OperationContext) async throws -> MachineCreate.Result {
    let plan = try PlanState.read(request.plan, job: request.job, delivery: delivery)
    let indices = request.disks.compactMap { $0["index"]?.integerValue.map(Int.init) }
    guard indices.count == request.disks.count, Set(indices) == Set(plan.disks.map(\.index)),
      indices.count == plan.disks.count
    else {
      throw ConnectorError(
        .invalidParams, "The disks are not those of the plan: \(plan.disks.map(\.index)).",
        remedy: "Give what disk/receive answered for each disk of the plan.", outcome: .none)
    }
    switch work {
    case .server(let server): return try await server.create(plan, request.disks, operation)
    case .export(let export): return try await export.create(plan, operation)
    }
  }

  public func configure(
    _ request: MachineConfigure, _ operation: OperationContext
  ) async throws -> MachineConfigure.Result {
    let plan = try PlanState.read(request.plan, job: request.job, delivery: delivery)
    switch work {
    case .server(let server): return try await server.configure(plan, request, operation)
    case .export(let export): return try export.configure(plan, request)
    }
  }

  public func power(_ request: MachinePower, _ operation: OperationContext) async throws -> MachinePower.Result {
    switch work {
    case .server(let server): return try await server.power(request, operation)
    case .export(let export): throw export.noMachine(request.machine.name)
    }
  }

  public func verify(_ request: MachineVerify, _ operation: OperationContext) async throws -> MachineVerify.Result {
    switch work {
    case .server(let server): return try await server.verify(request, operation)
    case .export(let export): throw export.noMachine(request.machine.name)
    }
  }

  public func promote(
    _ request: MachinePromote, _ operation: OperationContext
  ) async throws -> MachinePromote.Result {
    // The target's delivery may be another one by now.
    let plan = try PlanState.read(request.plan, job: request.job)
    switch work {
    case .server(let server): return try await server.promote(plan, request, operation)
    case .export(let export): throw export.noMachine(request.machine.name)
    }
  }

  public func commit(_ request: JobCommit, _ operation: OperationContext) async throws -> JobCommit.Result {
    switch work {
    case .server(let server): return try await server.commit(request, operation)
    case .export(let export): return try export.commit(request)
    }
  }

  public func find(_ request: ResourcesFind) async throws -> ResourcesFind.Result {
    guard NameRule.acceptsJob(request.job.rawValue) else { return ResourcesFind.Result(resources: []) }
    switch work {
    case .server(let server): return try await server.find(request.job)
    case .export(let export): return try export.find(request.job)
    }
  }

  public func delete(
    _ request: ResourcesDelete, _ operation: OperationContext
  ) async throws -> ResourcesDelete.Result {
    try await operation.deleting(request.resources) { try await delete($0, request.job) }
  }

  private func delete(_ resource: Resource, _ job: JobID) async throws -> (ResourcesDelete.State, String?) {
    do {
      switch work {
      case .server(let server): return try await server.delete(resource, job)
      case .export(let export): return try export.delete(resource, job)
      }
    } catch let error as CancellationError {
      throw error
    } catch let error as ConnectorError {
      return (.failed, error.message)
    } catch {
      return (.failed, "\(error)")
    }
  }

  public func close() async {
    if case .server(let server) = work { await server.close() }
  }

  private var delivery: Settings.Delivery {
    switch work {
    case .server(let server): server.settings.delivery
    case .export: .ova
    }
  }
}
