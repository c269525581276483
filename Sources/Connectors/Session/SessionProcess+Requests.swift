import ConnectorProtocol
import Foundation
import Support

extension SessionProcess {
  func call<R: ConnectorRequest>(
    _ request: R, deadline: CallDeadline, options: SessionOptions, connector: String
  ) async throws -> R.Result {
    try Task.checkCancellation()
    if let open = request as? SessionOpen { redactor.add(open.secrets.values) }
    let faults = SessionFault(connector: connector)
    let params = try parameters(of: request, deadline: deadline, job: options.job)
    let bytes = try CanonicalJSON.encode(params).count + R.method.utf8.count + 64
    guard bytes <= options.maxMessageBytes else {
      throw faults.tooLarge(R.method, bytes: bytes, limit: options.maxMessageBytes)
    }
    let answer = try await cancellable { id in
      try await self.call(
        id: id, method: R.method, params: params, operation: (request as? any MutatingRequest)?.op.id,
        deadline: deadline)
    }
    do {
      return try answer.decode(R.Result.self)
    } catch {
      let fault = faults.protocolViolation("its answer to \(R.method) is malformed: \(JSONFault.text(error))")
      feed(.fault(fault))
      throw fault
    }
  }

  private func cancellable(_ body: (Int64) async throws -> JSONValue) async throws -> JSONValue {
    let id = nextID()
    do {
      return try await withTaskCancellationHandler {
        try await body(id)
      } onCancel: {
        feed(.cancel(id: id))
      }
    } catch let error as ConnectorError {
      throw redactor.redact(error)
    }
  }

  private func parameters(of request: some ConnectorRequest, deadline: CallDeadline, job: JobID?) throws -> JSONValue {
    guard case .object(var members) = try JSONValue.encoding(request) else { return [:] }
    let meta = RequestMeta(
      deadlineMs: deadline.absolute.map { Int($0.seconds * 1000) },
      idleMs: deadline.idle.map { Int($0.seconds * 1000) },
      job: job)
    members["_meta"] = try JSONValue.encoding(meta)
    return .object(members)
  }
}
