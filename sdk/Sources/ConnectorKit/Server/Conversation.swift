import ConnectorProtocol

/// Where the conversation is, and which requests run: a value that decides, and does nothing.
struct Conversation {
  enum Phase: Equatable {
    /// Only `initialize` and `ping`.
    case notInitialized
    /// Also `config/validate`, `session/open` and `shutdown`.
    case initialized
    /// Everything.
    case open
    /// `ping` only: `shutdown` was answered.
    case draining
  }

  /// Why a request was told to stop.
  enum Stop: Equatable {
    case cancelled(String?)
    case deadline(Int)
    case ended
  }

  struct Running {
    var method: String
    var task: Task<Void, Never>?
    var channel: OperationChannel?
    var stop: Stop?
    var answered = false
  }

  static let capacity = 64

  private(set) var phase = Phase.notInitialized
  private(set) var running: [RequestID: Running] = [:]

  /// Why a request cannot be taken up, or nil.
  func refusal(of method: String, id: RequestID) -> ConnectorError? {
    switch phase {
    case .notInitialized: return Self.outOfOrder(method, needs: Initialize.method)
    case .draining:
      return ConnectorError(.shuttingDown, "\(method) came after \(Shutdown.method).", outcome: .none)
    case .initialized:
      guard method == ConfigValidate.method || method == SessionOpen.method else {
        return Self.outOfOrder(method, needs: SessionOpen.method)
      }
    case .open: break
    }
    if running[id] != nil {
      return ConnectorError(.invalidRequest, "A request with the id \(id) is running already.", outcome: .none)
    }
    if running.count >= Self.capacity {
      return ConnectorError(
        .rateLimited, "\(running.count) requests are running, which is as many as there can be.",
        remedy: "Wait for an answer before sending the next request.", outcome: .none, afterMs: 1000)
    }
    return nil
  }

  private static func outOfOrder(_ method: String, needs: String) -> ConnectorError {
    ConnectorError(.notInitialized, "\(method) came before \(needs).", remedy: "Send \(needs) first.", outcome: .none)
  }

  mutating func initialized() {
    if phase == .notInitialized { phase = .initialized }
  }

  mutating func opened() {
    if phase == .initialized { phase = .open }
  }

  mutating func drain() {
    phase = .draining
  }

  mutating func start(_ id: RequestID, method: String) {
    running[id] = Running(method: method)
  }

  /// The task of a request, once it is known; a request that is over already has none.
  mutating func attach(_ id: RequestID, task: Task<Void, Never>) {
    running[id]?.task = task
  }

  mutating func attach(_ id: RequestID, channel: OperationChannel) {
    running[id]?.channel = channel
  }

  /// Notes why a request is to stop; its task, for cancelling. Nil where it does not run or was told before.
  mutating func stop(_ id: RequestID, _ stop: Stop) -> Task<Void, Never>? {
    guard let entry = running[id], entry.stop == nil, !entry.answered else { return nil }
    running[id]?.stop = stop
    return entry.task
  }

  /// True for the one who may answer the request: each is answered once.
  mutating func claimAnswer(_ id: RequestID) -> Running? {
    guard let entry = running[id], !entry.answered else { return nil }
    running[id]?.answered = true
    return entry
  }

  /// The code of the request has come to its end.
  mutating func end(_ id: RequestID) {
    running[id] = nil
  }
}
