export declare function count(to: number): AsyncGenerator<number, void, undefined>;
